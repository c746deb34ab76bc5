using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Rollcall.Web.Keeping;

namespace Rollcall.Web.Auth;

public enum RedeemOutcome { SignedIn, Unknown, Used, Expired }

/// <summary>
/// Links and sessions: minted, redeemed once, ended. Tokens are 256 random bits and are kept as hashes only. Every change is on disk before it is told.
/// </summary>
public sealed partial class AccessStore(AccessFile file, TimeProvider time) : StateStore<AccessState>(file, time), IDisposable
{
    private readonly Dictionary<string, CancellationTokenSource> _watched = new(StringComparer.Ordinal);

    public ImmutableArray<LinkRecord> Links { get { lock (Gate) return State.Links; } }

    public ImmutableArray<SessionRecord> Sessions { get { lock (Gate) return State.Sessions; } }

    /// <returns>The link and the token that opens it, which nobody can read again.</returns>
    public (LinkRecord Link, string Token) Mint(string name, ImmutableArray<string> roles, ImmutableArray<string> groups, TimeSpan lifetime, string by)
    {
        var token = NewSecret(32);
        lock (Gate)
        {
            var now = Time.GetUtcNow();
            var link = new LinkRecord
            {
                Id = NewSecret(9), TokenHash = Hash(token), Name = SpellingOf(name), Roles = roles, Groups = groups,
                CreatedBy = by, CreatedAt = now, ExpiresAt = now + lifetime,
            };
            Write(State with { Links = State.Links.Add(link) });
            return (link, token);
        }
    }

    /// <summary>The link that this token opens, used or not; null when there is none. Looking does not use it up.</summary>
    public LinkRecord? Peek(string token)
    {
        var hash = Hash(token);
        lock (Gate)
            return State.Links.FirstOrDefault(l => l.TokenHash == hash);
    }

    /// <summary>Turns a token into a session, once.</summary>
    public (RedeemOutcome Outcome, SessionRecord? Session) Redeem(string token, TimeSpan sessionLifetime, string address = "")
    {
        var hash = Hash(token);
        lock (Gate)
        {
            var now = Time.GetUtcNow();
            var link = State.Links.FirstOrDefault(l => l.TokenHash == hash);
            switch (link?.StateAt(now))
            {
                case null: return (RedeemOutcome.Unknown, null);
                case "used": return (RedeemOutcome.Used, null);
                case "expired" or "revoked": return (RedeemOutcome.Expired, null);
            }
            var session = new SessionRecord
            {
                Id = NewSecret(16), Name = link.Name, Roles = link.Roles, Groups = link.Groups, LinkId = link.Id, CreatedAt = now, ExpiresAt = now + sessionLifetime, Via = "link", Address = address,
            };
            Write(State with { Links = State.Links.Replace(link, link with { UsedAt = now }), Sessions = State.Sessions.Add(session) });
            return (RedeemOutcome.SignedIn, session);
        }
    }

    /// <summary>The session, if it is still good.</summary>
    public SessionRecord? Live(string sessionId)
    {
        lock (Gate)
        {
            var session = State.Sessions.FirstOrDefault(s => s.Id == sessionId);
            return session is not null && session.LiveAt(Time.GetUtcNow()) ? session : null;
        }
    }

    public bool EndSession(string sessionId)
    {
        lock (Gate)
            return End(s => s.Id == sessionId) > 0;
    }

    /// <summary>Ends a person's sessions and takes back their unused links.</summary>
    public int EndPerson(string name)
    {
        lock (Gate)
        {
            foreach (var link in State.Links.Where(l => PersonName.Same(l.Name, name)).ToArray())
                Revoke(link);
            return End(s => PersonName.Same(s.Name, name));
        }
    }

    /// <summary>Takes an unused link back.</summary>
    public bool RevokeLink(string linkId)
    {
        lock (Gate)
            return State.Links.FirstOrDefault(l => l.Id == linkId) is { } link && Revoke(link);
    }

    /// <summary>Cancelled when the session is ended by somebody; expiry is the connection's own business.</summary>
    public CancellationToken WhenEnded(string sessionId)
    {
        lock (Gate)
        {
            if (!_watched.TryGetValue(sessionId, out var source))
                _watched[sessionId] = source = new CancellationTokenSource();
            if (State.Sessions.FirstOrDefault(s => s.Id == sessionId) is not { EndedAt: null })
                source.Cancel();
            return source.Token;
        }
    }

    public void Dispose()
    {
        lock (Gate)
        {
            foreach (var source in _watched.Values)
                source.Dispose();
            _watched.Clear();
        }
    }

    private bool Revoke(LinkRecord link)
    {
        var now = Time.GetUtcNow();
        if (link.StateAt(now) != "open")
            return false;
        Write(State with { Links = State.Links.Replace(link, link with { RevokedAt = now }) });
        return true;
    }

    private int End(Func<SessionRecord, bool> which)
    {
        var now = Time.GetUtcNow();
        var ended = State.Sessions.Where(s => which(s) && s.LiveAt(now)).ToArray();
        if (ended.Length == 0)
            return 0;
        Write(State with { Sessions = [.. State.Sessions.Select(s => ended.Contains(s) ? s with { EndedAt = now } : s)] });
        foreach (var session in ended)
            if (_watched.TryGetValue(session.Id, out var source))
                source.Cancel();
        return ended.Length;
    }

    /// <summary>Somebody of this name has an account, or has or lately had a link or a login.</summary>
    public bool KnowsPerson(string name)
    {
        lock (Gate)
            return State.Accounts.Any(a => PersonName.Same(a.Name, name)) || State.Links.Any(l => PersonName.Same(l.Name, name)) || State.Sessions.Any(s => PersonName.Same(s.Name, name));
    }

    /// <summary>One person is one name: "Ann" and "ann" are the same, in the spelling that came first.</summary>
    internal string SpellingOf(string name) =>
        State.Accounts.Select(a => a.Name).Concat(State.Links.Select(l => l.Name)).Concat(State.Sessions.Select(s => s.Name)).FirstOrDefault(n => PersonName.Same(n, name)) ?? name;

    protected override AccessState Without(AccessState state, DateTimeOffset oldest)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state with
        {
            Links = state.Links.RemoveAll(l => l.ExpiresAt < oldest),
            Sessions = state.Sessions.RemoveAll(s => s.ExpiresAt < oldest),
            Tokens = state.Tokens.RemoveAll(t => t.ExpiresAt < oldest || t.RevokedAt < oldest),
        };
    }

    private static string NewSecret(int bytes) => WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(bytes));

    private static string Hash(string token) => WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
