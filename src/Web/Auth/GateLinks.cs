using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Rollcall.Engine.Execution;
using Rollcall.Shared;

namespace Rollcall.Web.Auth;

/// <summary>A link by which one person decides one gate, shown once.</summary>
public sealed record MintedInvitation(string Id, string Url, string Name, ImmutableArray<string> Groups, DateTimeOffset ExpiresAt);

/// <summary>
/// Signs links to gates and reads them. The link only names an invitation; whether that is worth anything (unused, in time, the plan as it was) is the journal's word, so a link works once also across restarts.
/// </summary>
public sealed class GateLinks(Rollouts rollouts, LinkService links, AccessStore people, IDataProtectionProvider protection)
{
    public const string Path = "/gate";

    private readonly IDataProtector _signer = protection.CreateProtector("rollcall.gate-link.v1");

    public async Task<Result<MintedInvitation>> InviteAsync(string run, string gate, string name, ImmutableArray<string> groups, TimeSpan lifetime, Caller by, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(by);
        if (!by.Is(Caller.Admin))
            return new Refusal(RefusalKind.Forbidden, "Links to gates are made by admins: whoever hands them out decides who counts as whom.");
        if (LinkService.Problems(name, groups, lifetime).ToImmutableArray() is { IsEmpty: false } errors)
            return new Refusal(RefusalKind.Invalid, "The link cannot be made.") { Errors = errors };
        var made = await rollouts.InviteAsync(run, gate, people.SpellingOf(PersonName.Normalise(name)!), [.. groups.Distinct(StringComparer.Ordinal)], lifetime, by, ct);
        return made.Ok
            ? new MintedInvitation(made.Value.Id, $"{links.BaseUrl}{Path}?token={_signer.Protect($"{run}\n{gate}\n{made.Value.Id}")}", made.Value.Person, made.Value.Groups, made.Value.ExpiresAt)
            : made.Refusal;
    }

    /// <summary>The invitation that a link names; null when we did not sign it.</summary>
    public (string Run, string Gate, string Invitation)? Read(string? token)
    {
        if (string.IsNullOrEmpty(token) || token.Length > 2000)
            return null;
        try
        {
            return _signer.Unprotect(token).Split('\n') is [var run, var gate, var invitation] ? (run, gate, invitation) : null;
        }
        catch (CryptographicException)
        {
            return null; // forged, cut off in a mail, or of another Rollcall
        }
    }
}
