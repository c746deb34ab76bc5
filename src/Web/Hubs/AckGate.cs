namespace Rollcall.Web.Hubs;

/// <summary>A window of one: the next frame goes out when the last one has been applied by the viewer.</summary>
public sealed class AckGate(TimeProvider time)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private string? _expected;
    private TaskCompletionSource? _acknowledged;

    /// <summary>Call before the frame is handed over: a quick viewer answers before the sender is back.</summary>
    public void Sending(string version)
    {
        lock (_gate)
            (_expected, _acknowledged) = (version, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    /// <summary>An acknowledgement of anything but the frame under way means nothing.</summary>
    public void Acknowledge(string version)
    {
        lock (_gate)
            if (_expected == version)
                _acknowledged?.TrySetResult();
    }

    /// <returns>False when the viewer did not answer in time.</returns>
    public async Task<bool> WaitAsync(CancellationToken ct)
    {
        Task waiting;
        lock (_gate)
            waiting = _acknowledged?.Task ?? Task.CompletedTask;
        try
        {
            await waiting.WaitAsync(Patience, time, ct);
            return true;
        }
        catch (TimeoutException)
        {
            // The answer and the end of patience can meet on a busy machine; the answer counts.
            return waiting.IsCompleted;
        }
    }
}
