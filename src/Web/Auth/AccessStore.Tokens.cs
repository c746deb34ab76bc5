using System.Collections.Immutable;

namespace Rollcall.Web.Auth;

/// <summary>API tokens: made, looked up, taken back.</summary>
public sealed partial class AccessStore
{
    /// <summary>What every token begins with, so that scanners for leaked secrets can know it.</summary>
    public const string TokenPrefix = "rollcall_";

    /// <summary>The time of the last use is kept to the minute: it is no reason to write to disk at every request.</summary>
    private static readonly TimeSpan UseGrain = TimeSpan.FromMinutes(1);

    public ImmutableArray<TokenRecord> Tokens { get { lock (Gate) return State.Tokens; } }

    /// <param name="make">The record, with everything but its id, hash and time of creation.</param>
    /// <returns>The record and the token itself, which nobody can read again.</returns>
    public (TokenRecord Record, string Token) MintToken(Func<(string Id, string Hash, DateTimeOffset Now), TokenRecord> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        var token = TokenPrefix + NewSecret(32);
        lock (Gate)
        {
            var record = make((NewSecret(9), Hash(token), Time.GetUtcNow()));
            Write(State with { Tokens = State.Tokens.Add(record) });
            return (record, token);
        }
    }

    /// <summary>The record of this token, whatever its state; null when there is none. A good one is marked as used.</summary>
    public TokenRecord? UseToken(string token)
    {
        var hash = Hash(token);
        lock (Gate)
        {
            var now = Time.GetUtcNow();
            if (State.Tokens.FirstOrDefault(t => t.TokenHash == hash) is not { } record)
                return null;
            if (record.StateAt(now) != "good" || now - record.LastUsedAt < UseGrain)
                return record;
            var used = record with { LastUsedAt = now };
            Write(State with { Tokens = State.Tokens.Replace(record, used) });
            return used;
        }
    }

    /// <returns>The record as it was, or null when there is no good token with this id.</returns>
    public TokenRecord? RevokeToken(string id)
    {
        lock (Gate)
            return State.Tokens.FirstOrDefault(t => t.Id == id) is { } record && RevokeTokens(t => t.Id == id) > 0 ? record : null;
    }

    /// <summary>Cancelled when the token is taken back; expiry is the connection's own business.</summary>
    public CancellationToken WhenTokenEnded(string id)
    {
        lock (Gate)
        {
            if (!_watched.TryGetValue(WatchKey(id), out var source))
                _watched[WatchKey(id)] = source = new CancellationTokenSource();
            if (State.Tokens.FirstOrDefault(t => t.Id == id) is not { RevokedAt: null })
                source.Cancel();
            return source.Token;
        }
    }

    private int RevokeTokens(Func<TokenRecord, bool> which)
    {
        var now = Time.GetUtcNow();
        var ended = State.Tokens.Where(t => which(t) && t.StateAt(now) == "good").ToArray();
        if (ended.Length == 0)
            return 0;
        Write(State with { Tokens = [.. State.Tokens.Select(t => ended.Contains(t) ? t with { RevokedAt = now } : t)] });
        foreach (var token in ended)
            if (_watched.TryGetValue(WatchKey(token.Id), out var source))
                source.Cancel();
        return ended.Length;
    }

    private static string WatchKey(string tokenId) => $"token {tokenId}";
}
