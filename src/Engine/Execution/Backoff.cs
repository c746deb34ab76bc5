namespace Rollcall.Engine.Execution;

/// <summary>When to try again what could not be done: doubling from one second to one minute, spread by up to a fifth so that runs do not knock together.</summary>
internal static class Backoff
{
    public static TimeSpan First { get; } = TimeSpan.FromSeconds(1);
    public static TimeSpan Longest { get; } = TimeSpan.FromMinutes(1);

    /// <param name="failures">How often it failed in a row; 1 or more.</param>
    /// <param name="spread">0 to 1, e.g. from a random generator.</param>
    public static TimeSpan After(int failures, double spread)
    {
        var doubled = First * Math.Pow(2, Math.Clamp(failures - 1, 0, 10));
        var capped = doubled < Longest ? doubled : Longest;
        return capped * (1 - 0.2 * Math.Clamp(spread, 0, 1));
    }
}
