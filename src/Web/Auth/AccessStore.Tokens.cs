using System.Collections.Immutable;

namespace Rollcall.Web.Auth;

/// <summary>API tokens: made, looked up, taken back.</summary>
public sealed partial class AccessStore
{
    /// <summary>What every token begins with, so that scanners for leaked secrets can know it.</summary>
    public const string TokenPrefix = "rollcall_";

    /// <summary>The time of the last use is kept to the minute: it is no reason to write to disk at every request.</summary>
    private static readonly TimeSpan UseGrain = TimeSpan.FromMinutes(1);

    public ImmutableArray<TokenRecord> Tokens { get { lock (_gate) return _state.Tokens; } }

    /// <param name="make">The record, with everything but its id, hash and time of creation.</param>
    /// <returns>The record and the token itself, which nobody can read again.</returns>
    public (TokenRecord Record, string Token) MintToken(Func<(string Id, string Hash, DateTimeOffset Now), TokenRecord> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        var token = TokenPrefix + NewSecret(32);
        lock (_gate)
        {
            var record = make((NewSecret(9), Hash(token), _time.GetUtcNow()));
            Write(_state with { Tokens = _state.Tokens.Add(record) });
            return (record, token);
        }
    }

    /// <summary>The record of this token, whatever its state; null when there is none. A good one is marked as used.</summary>
    public TokenRecord? UseToken(string token)
    {
        var hash = Hash(token);
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (_state.Tokens.FirstOrDefault(t => t.TokenHash == hash) is not { } record)
                return null;
            if (record.StateAt(now) != "good" || now - record.LastUsedAt < UseGrain)
                return record;
            var used = record with { LastUsedAt = now };
            Write(_state with { Tokens = _state.Tokens.Replace(record, used) });
            return used;
        }
    }

    /// <returns>The record as it was, or null when there is no good token with this id.</returns>
    public TokenRecord? RevokeToken(string id)
    {
        lock (_gate)
            return _state.Tokens.FirstOrDefault(t => t.Id == id) is { } record && RevokeTokens(t => t.Id == id) > 0 ? record : null;
    }

    /// <summary>Cancelled when the token is taken back; expiry is the connection's own business.</summary>
    public CancellationToken WhenTokenEnded(string id)
    {
        lock (_gate)
        {
            if (!_watched.TryGetValue(WatchKey(id), out var source))
                _watched[WatchKey(id)] = source = new CancellationTokenSource();
            if (_state.Tokens.FirstOrDefault(t => t.Id == id) is not { RevokedAt: null })
                source.Cancel();
            return source.Token;
        }
    }

    private int RevokeTokens(Func<TokenRecord, bool> which)
    {
        var now = _time.GetUtcNow();
        var ended = _state.Tokens.Where(t => which(t) && t.StateAt(now) == "good").ToArray();
        if (ended.Length == 0)
            return 0;
        Write(_state with { Tokens = [.. _state.Tokens.Select(t => ended.Contains(t) ? t with { RevokedAt = now } : t)] });
        foreach (var token in ended)
            if (_watched.TryGetValue(WatchKey(token.Id), out var source))
                source.Cancel();
        return ended.Length;
    }

    private static string WatchKey(string tokenId) => $"token {tokenId}";
}
