using System.Collections.Immutable;
using Rollcall.Engine.Notifying;

namespace Rollcall.Web.Configuration;

/// <summary>The one webhook that tells people outside: see docs/notifications.md.</summary>
public sealed class NotificationSettings
{
    /// <summary>Where notifications are sent; empty: nobody is told.</summary>
    public string Url { get; set; } = "";

    /// <summary>Name of one of <c>Rollcall__Webhooks__Secrets</c>; it signs. Empty: not signed.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Which kinds, with commas; empty: all of them.</summary>
    public string Kinds { get; set; } = "";

    public ImmutableArray<string> Chosen => Kinds.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } some ? [.. some.Distinct(StringComparer.Ordinal)] : NoticeKinds.All;

    /// <summary>What is wrong, one sentence each. The address itself is not repeated: it may be a secret.</summary>
    public IEnumerable<string> Problems(WebhookSettings webhooks)
    {
        ArgumentNullException.ThrowIfNull(webhooks);
        foreach (var kind in Chosen.Where(k => !NoticeKinds.All.Contains(k)))
            yield return $"Rollcall__Notifications__Kinds has \"{kind}\"; there are {string.Join(", ", NoticeKinds.All)}.";
        if (Url.Length == 0)
            yield break;
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0)
            yield return "Rollcall__Notifications__Url must be an http or https address without a name and password in it.";
        else if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && !webhooks.AllowHttp)
            yield return $"Rollcall__Notifications__Url is plain http to {url.Host}. Use https, or set Rollcall__Webhooks__AllowHttp.";
        if (Secret.Length > 0 && !webhooks.Secrets.ContainsKey(Secret))
            yield return $"Rollcall__Notifications__Secret names \"{Secret}\", and there is no Rollcall__Webhooks__Secrets__{Secret}.";
    }
}
