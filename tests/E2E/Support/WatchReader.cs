using System.Threading.Channels;
using k8s;

namespace Rollcall.E2E.Support;

/// <summary>Reads a watch in the background and hands its events out in order; an ERROR event and the end of the stream are events too.</summary>
internal sealed class WatchReader<T> : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Channel<(WatchEventType Type, T Object)> _events = Channel.CreateUnbounded<(WatchEventType, T)>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;

    public WatchReader(Func<Action<Exception>, CancellationToken, IAsyncEnumerable<(WatchEventType, T)>> watch) => _reading = ReadAsync(watch);

    /// <summary>The next event that fits; those before it are passed over. Throws what the watch reported as an error.</summary>
    public async Task<(WatchEventType Type, T Object)> NextAsync(Func<WatchEventType, T, bool>? fits = null)
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                var (type, item) = await _events.Reader.ReadAsync(deadline.Token);
                if (fits is null || fits(type, item))
                    return (type, item);
            }
        }
        catch (ChannelClosedException e) when (e.InnerException is { } cause)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    /// <summary>Waits for the stream's ordinary end and returns what was left in it.</summary>
    public async Task<IReadOnlyList<(WatchEventType Type, T Object)>> EndAsync()
    {
        await _events.Reader.Completion.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var left = new List<(WatchEventType, T)>();
        await foreach (var item in _events.Reader.ReadAllAsync())
            left.Add(item);
        return left;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync(Func<Action<Exception>, CancellationToken, IAsyncEnumerable<(WatchEventType, T)>> watch)
    {
        try
        {
            // KubernetesClient swallows an ERROR event unless its onError throws.
            await foreach (var item in watch(e => throw e, _stop.Token))
                _events.Writer.TryWrite(item);
            _events.Writer.Complete();
        }
        catch (Exception e)
        {
            _events.Writer.Complete(e);
        }
    }
}
