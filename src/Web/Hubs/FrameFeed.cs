using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.SignalR;

namespace Rollcall.Web.Hubs;

/// <summary>
/// Turns one versioned source into frames for any number of viewers. At most four times a second the present view is published; a viewer who holds an older one gets one
/// frame from there to here. Frames are built when the first viewer needs them and shared by all who make the same step, so at steady state one serialisation serves everybody.
/// Nobody watching: nothing runs, nothing is built. A viewer costs a cursor and one frame under way, however slow it is.
/// </summary>
public abstract partial class FrameFeed<T>(TimeProvider time, ILogger log) where T : class
{
    /// <summary>4 Hz.</summary>
    public static readonly TimeSpan Coalesce = TimeSpan.FromMilliseconds(250);

    /// <summary>How often an unchanged picture is sent again because its age changed, so that screens can tell calm from silence.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Views kept to make a step from: a minute at full rate, twice the patience with a viewer who does not acknowledge. They share what did not change between them.
    /// </summary>
    public const int Kept = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, T> _views = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private Published? _published;
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action? _stopPump;
    private Exception? _fault;
    private long _number;
    private long _built;
    private int _viewers;

    public int Viewers { get { lock (_gate) return _viewers; } }

    /// <summary>Frames serialised so far; tests and the bench hold it against the number of viewers.</summary>
    public long Built => Interlocked.Read(ref _built);

    /// <summary>The present view and the revision to wait beyond; null when there is nothing left to watch.</summary>
    protected abstract (T View, string Version, long Revision)? Read();

    protected abstract Task WhenAfterAsync(long revision, CancellationToken ct);

    /// <summary>One frame from <paramref name="from"/> (null: from nothing) to <paramref name="to"/>.</summary>
    protected abstract RawFrame Build(T? from, string? fromVersion, T to);

    /// <summary>What the viewer has to acknowledge.</summary>
    protected abstract string AckOf(T view, string version);

    /// <param name="held">The version the viewer has already; unknown or null: it gets everything.</param>
    /// <exception cref="HubException">The viewer did not acknowledge a frame in time.</exception>
    public async IAsyncEnumerable<RawFrame> WatchAsync(string? held, AckGate acks, [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(acks);
        Enter();
        try
        {
            var seen = 0L;
            while (await NextAsync(seen, ct) is { } next)
            {
                seen = next.Number;
                acks.Sending(AckOf(next.View, next.Version));
                yield return FrameFor(next, held);
                held = next.Version;
                if (!await acks.WaitAsync(ct))
                    throw new HubException($"No acknowledgement within {AckGate.Patience.TotalSeconds:0} s. Watch again from the version you hold.");
            }
        }
        finally
        {
            Leave();
        }
    }

    private RawFrame FrameFor(Published to, string? held)
    {
        T? from = null;
        if (held is not null)
            lock (_gate)
                from = _views.GetValueOrDefault(held);
        return to.Frames.GetOrAdd(from is null ? "" : held!, (_, step) => new Lazy<RawFrame>(() =>
        {
            Interlocked.Increment(ref _built);
            try
            {
                return Build(step.From, step.Held, step.To.View);
            }
            catch (Exception fault)
            {
                LogFault(log, fault);
                throw;
            }
        }), (From: from, Held: from is null ? null : held, To: to)).Value;
    }

    /// <summary>The newest published view, once it is newer than what the viewer saw; null at the end.</summary>
    private async Task<Published?> NextAsync(long seen, CancellationToken ct)
    {
        while (true)
        {
            Task moved;
            lock (_gate)
            {
                if (_fault is not null)
                    throw new InvalidOperationException("The source of this stream failed.", _fault);
                if (_published is null || _published.Number > seen)
                    return _published;
                moved = _moved.Task;
            }
            await moved.WaitAsync(ct);
        }
    }

    private void Enter()
    {
        lock (_gate)
        {
            if (_viewers++ > 0)
                return;
            _fault = null;
            var running = new CancellationTokenSource();
            _stopPump = running.Cancel;
            // The first viewer starts from what is there now, not from what was published when the last one left.
            var revision = Publish();
            _ = PumpAsync(revision, running.Token);
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_viewers > 0)
                return;
            _stopPump?.Invoke();
            _stopPump = null;
        }
    }

    private async Task PumpAsync(long revision, CancellationToken running)
    {
        try
        {
            while (!running.IsCancellationRequested)
            {
                await Task.Delay(Coalesce, time, running);
                await WhenAfterAsync(revision, running);
                lock (_gate)
                {
                    if (running.IsCancellationRequested)
                        return;
                    revision = Publish();
                    if (_published is null)
                        return;
                }
            }
        }
        catch (OperationCanceledException) when (running.IsCancellationRequested)
        {
            // The last viewer left.
        }
        catch (Exception fault)
        {
            // Nobody awaits the pump; its viewers are told instead.
            LogFault(log, fault);
            lock (_gate)
            {
                _fault = fault;
                Wake();
            }
        }
    }

    /// <summary>Under the lock. Returns the revision that was looked at.</summary>
    private long Publish()
    {
        if (Read() is not { } now)
        {
            _published = null;
            Wake();
            return 0;
        }
        var at = time.GetTimestamp();
        if (_published is null || _published.Version != now.Version || (!ReferenceEquals(_published.View, now.View) && time.GetElapsedTime(_published.At, at) >= Beat))
        {
            _published = new Published(++_number, now.View, now.Version, at);
            Remember(now.Version, now.View);
            Wake();
        }
        return now.Revision;
    }

    private void Remember(string version, T view)
    {
        if (!_views.ContainsKey(version))
            _order.Enqueue(version);
        _views[version] = view;
        while (_order.Count > Kept)
            _views.Remove(_order.Dequeue());
    }

    private void Wake()
    {
        var moved = _moved;
        _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        moved.TrySetResult();
    }

    [LoggerMessage(EventId = 7101, Level = LogLevel.Error, Message = "A live stream cannot be continued")]
    private static partial void LogFault(ILogger logger, Exception fault);

    private sealed record Published(long Number, T View, string Version, long At)
    {
        public ConcurrentDictionary<string, Lazy<RawFrame>> Frames { get; } = new(StringComparer.Ordinal);
    }
}
