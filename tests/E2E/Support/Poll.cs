namespace Rollcall.E2E.Support;

/// <summary>Asks again until the answer is the wanted one: for what can only be asked. What can be watched is watched.</summary>
internal static class Poll
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <exception cref="TimeoutException">It never came true; the message has the last answer.</exception>
    public static async Task<T> UntilAsync<T>(string what, TimeSpan patience, Func<Task<T>> ask, Func<T, bool> holds, Func<T, string> describe, CancellationToken ct)
    {
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        using var timer = new PeriodicTimer(Period, time);
        while (true)
        {
            var answer = await ask();
            if (holds(answer))
                return answer;
            if (time.GetElapsedTime(start) > patience)
                throw new TimeoutException($"Never came true: {what}. Last seen: {describe(answer)}");
            await timer.WaitForNextTickAsync(ct);
        }
    }
}
