using System.Net;
using System.Threading.Channels;
using k8s.Autorest;

namespace Rollcall.Simulator.Operators.Machinery;

/// <summary>
/// A queue of keys, each handled by one worker at a time. A key that is added while it is being handled is handled once more.
/// A conflict or a vanished object means that the cache was behind: the key comes back by itself, a little later.
/// </summary>
internal abstract class Controller(string name, AlarmClock alarms, ILogger log)
{
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan RetryLast = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Channel<string> _ready = Channel.CreateUnbounded<string>();
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _working = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);

    public void Enqueue(string key)
    {
        lock (_lock)
        {
            if (_waiting.Add(key) && !_working.Contains(key))
                _ready.Writer.TryWrite(key);
        }
    }

    protected void EnqueueAfter(string key, TimeSpan delay) => alarms.After(delay, () => Enqueue(key));

    protected abstract Task ReconcileAsync(string key, CancellationToken ct);

    public Task RunAsync(int workers, CancellationToken ct) =>
        Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(ct)));

    private async Task WorkAsync(CancellationToken ct)
    {
        try
        {
            await foreach (var key in _ready.Reader.ReadAllAsync(ct))
                await HandleAsync(key, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The operators are being stopped.
        }
    }

    private async Task HandleAsync(string key, CancellationToken ct)
    {
        lock (_lock)
        {
            _waiting.Remove(key);
            _working.Add(key);
        }
        try
        {
            await ReconcileAsync(key, ct);
            lock (_lock)
                _failures.Remove(key);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error)
        {
            Retry(key, error);
        }
        finally
        {
            lock (_lock)
            {
                _working.Remove(key);
                if (_waiting.Contains(key))
                    _ready.Writer.TryWrite(key);
            }
        }
    }

    private void Retry(string key, Exception error)
    {
        int failures;
        lock (_lock)
            failures = _failures[key] = _failures.GetValueOrDefault(key) + 1;
        if (error is HttpOperationException { Response.StatusCode: HttpStatusCode.Conflict or HttpStatusCode.NotFound } expected)
            Log.ReconcileBehind(log, name, key, expected.Response.Content);
        else
            Log.ReconcileFailed(log, name, key, (error as HttpOperationException)?.Response.Content ?? error.Message, error);
        var wait = RetryFirst * Math.Pow(2, Math.Min(failures - 1, 10));
        EnqueueAfter(key, wait < RetryLast ? wait : RetryLast);
    }
}
