using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Rollcall.Shared;

namespace Rollcall.Engine.Storage;

/// <summary>What a request was answered, to be answered again.</summary>
public sealed record StoredAnswer(int Status, string ContentType, string Body, string? Location);

/// <summary>
/// Idempotency-Key of POST requests: the same caller with the same key and the same request gets the first answer again and nothing happens twice, for a day.
/// </summary>
public sealed class IdempotencyStore(Database database, TimeProvider time)
{
    public static TimeSpan KeptFor { get; } = TimeSpan.FromHours(24);
    public const int LongestKey = 255;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Caller, string Key), Task> _running = [];

    /// <param name="request">Method, path and body; only their hash is kept.</param>
    /// <param name="act">Does the work. An answer of 500 or above is not kept: the next try may succeed.</param>
    public async Task<Result<StoredAnswer>> OnceAsync(string caller, string key, string request, Func<CancellationToken, Task<StoredAnswer>> act, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(act);
        if (key.Length is 0 or > LongestKey)
            return new Refusal(RefusalKind.Invalid, $"An Idempotency-Key has 1 to {LongestKey} characters; this one has {key.Length}.");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request)));
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (!TakeTurn((caller, key), done.Task, out var first))
            await first.WaitAsync(ct);
        try
        {
            if (Find(caller, key) is { } row && row.At > time.GetUtcNow() - KeptFor)
                return row.Request == hash
                    ? new StoredAnswer(row.Status, row.ContentType, row.Body, row.Location)
                    : new Refusal(RefusalKind.Conflict, "This Idempotency-Key was used for another request; take a new key for a new request.");
            var answer = await act(ct);
            if (answer.Status < 500)
                await StoreAsync(caller, key, hash, answer);
            return answer;
        }
        finally
        {
            lock (_gate)
                _running.Remove((caller, key));
            done.SetResult();
        }
    }

    /// <summary>False while another request with this key is being served; <paramref name="first"/> ends with it.</summary>
    private bool TakeTurn((string, string) id, Task mine, out Task first)
    {
        lock (_gate)
        {
            var ours = _running.TryAdd(id, mine);
            first = _running[id];
            return ours;
        }
    }

    private IdempotencyRow? Find(string caller, string key)
    {
        using var db = database.Read();
        return db.Set<IdempotencyRow>().FirstOrDefault(k => k.Caller == caller && k.Key == key);
    }

    private Task StoreAsync(string caller, string key, string hash, StoredAnswer answer)
    {
        var now = time.GetUtcNow();
        var oldest = now - KeptFor;
        return database.WriteAsync(db =>
        {
            db.Set<IdempotencyRow>().Where(k => k.At <= oldest).ExecuteDelete();
            db.Add(new IdempotencyRow { Caller = caller, Key = key, Request = hash, Status = answer.Status, ContentType = answer.ContentType, Location = answer.Location, Body = answer.Body, At = now });
        });
    }
}
