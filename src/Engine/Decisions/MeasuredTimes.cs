using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>How long the acts on a component took in runs that are over: medians, so that one slow night does not count for more than it was. Null where nothing was measured.</summary>
public sealed record ComponentTimes(TimeSpan? Replace, TimeSpan? Sync, TimeSpan? Switchover);

/// <summary>What a prediction takes its durations from instead of the profile's figures.</summary>
/// <param name="Runs">How many runs.</param>
/// <param name="Where">"of this cluster", "of other redis-cluster clusters".</param>
public sealed record MeasuredTimes(ImmutableDictionary<string, ComponentTimes> Components, int Runs, string Where)
{
    public static MeasuredTimes None { get; } = new(ImmutableDictionary<string, ComponentTimes>.Empty, 0, "");

    /// <summary>For people who read the estimate.</summary>
    public string InWords(IEnumerable<string> components)
    {
        ArgumentNullException.ThrowIfNull(components);
        var unknown = components.Where(c => !Components.ContainsKey(c)).ToArray();
        if (Runs == 0 || Components.IsEmpty)
            return "from the profile's figures; no earlier run has measured them";
        var measured = $"from {(Runs == 1 ? "1 earlier run" : $"{Runs} earlier runs")} {Where}";
        return unknown.Length == 0 ? measured : $"{measured}; {string.Join(", ", unknown)} from the profile's figures";
    }

    /// <summary>The medians of what these runs did at the first attempt and to the end.</summary>
    public static MeasuredTimes Of(IReadOnlyCollection<IEnumerable<StepEntry>> runs, string where)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var components = runs.SelectMany(r => r).Where(s => s is { State: StepState.Succeeded, EndedAt: not null, Attempts.Length: 1, Kind: StepKind.Replace or StepKind.WaitInSync or StepKind.Switchover })
            .GroupBy(s => s.Component, StringComparer.Ordinal)
            .ToImmutableDictionary(g => g.Key, g => new ComponentTimes(Median(g, StepKind.Replace), Median(g, StepKind.WaitInSync), Median(g, StepKind.Switchover)), StringComparer.Ordinal);
        return components.IsEmpty ? None : new MeasuredTimes(components, runs.Count, where);
    }

    private static TimeSpan? Median(IEnumerable<StepEntry> steps, StepKind kind)
    {
        var times = steps.Where(s => s.Kind == kind).Select(s => s.EndedAt!.Value - s.StartedAt).Order().ToArray();
        return times.Length == 0 ? null : times.Length % 2 == 1 ? times[times.Length / 2] : (times[(times.Length / 2) - 1] + times[times.Length / 2]) / 2;
    }
}
