using System.Collections.Immutable;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>Where webhooks may go, and what signs them. <c>Rollcall__Webhooks__…</c>; plans only ever name these.</summary>
public sealed class WebhookOptions
{
    /// <summary>Plain http to other machines is refused unless this is set: what is sent names clusters and members.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Name → the secret that signs. Never shown, never logged.</summary>
    public ImmutableDictionary<string, string> Secrets { get; set; } = ImmutableDictionary<string, string>.Empty;
}
