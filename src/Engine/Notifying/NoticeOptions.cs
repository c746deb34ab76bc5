using System.Collections.Immutable;

namespace Rollcall.Engine.Notifying;

/// <summary>Who is told, of what. <c>Rollcall__Notifications__…</c>; read once at start.</summary>
public sealed class NoticeOptions
{
    /// <summary>Where notifications are sent; empty: nobody is told. Many services put a secret into the path, so it is never shown in full; see <see cref="Shown"/>.</summary>
    public string Url { get; init; } = "";

    /// <summary>Name of the webhook secret that signs; empty: not signed.</summary>
    public string Secret { get; init; } = "";

    /// <summary>Of <see cref="NoticeKinds.All"/>.</summary>
    public ImmutableArray<string> Kinds { get; init; } = NoticeKinds.All;

    /// <summary>How people reach this dashboard, for links; empty: notifications carry the path alone.</summary>
    public string PublicUrl { get; init; } = "";

    /// <summary>How long a cluster may be held before somebody is told.</summary>
    public TimeSpan HeldLong { get; init; } = TimeSpan.FromHours(1);

    public bool On => Url.Length > 0;

    /// <summary>The target without what could be a secret: scheme, host and port.</summary>
    public string Shown => Uri.TryCreate(Url, UriKind.Absolute, out var url) ? url.GetLeftPart(UriPartial.Scheme) + url.Authority + (url.PathAndQuery.Length > 1 ? "/…" : "") : "";

    public bool Wants(string kind) => On && (kind == NoticeKinds.Test || Kinds.Contains(kind));
}
