using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

public sealed class MeasuredTimesTests
{
    [Fact]
    public void Of_TakesMediansOfWhatSucceededAtOnce()
    {
        var times = MeasuredTimes.Of(
            [
                [Step(StepKind.Replace, 4), Step(StepKind.Replace, 900, attempts: 2), Step(StepKind.Switchover, 1)],
                [Step(StepKind.Replace, 6), Step(StepKind.Replace, 500, StepState.Failed), Step(StepKind.Replace, 8)],
            ],
            "of this cluster");

        Assert.Equal(new ComponentTimes(TimeSpan.FromSeconds(6), null, TimeSpan.FromSeconds(1)), times.Components["redis"]);
        Assert.Equal("from 2 earlier runs of this cluster", times.InWords(["redis"]));
        Assert.Equal("from 2 earlier runs of this cluster; proxy from the profile's figures", times.InWords(["redis", "proxy"]));
    }

    [Fact]
    public void Of_Nothing_SaysThatTheProfileCounts()
    {
        Assert.Same(MeasuredTimes.None, MeasuredTimes.Of([[Step(StepKind.Replace, 4, StepState.Failed)]], "of this cluster"));
        Assert.StartsWith("from the profile's figures", MeasuredTimes.None.InWords(["redis"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Complete_WithMeasuredTimes_PredictsThem_AndTheSameSteps()
    {
        var cluster = Make.Cluster();
        var measured = new MeasuredTimes(ImmutableDictionary<string, ComponentTimes>.Empty.Add("redis", new ComponentTimes(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1))), 4, "of this cluster");
        var usual = Previewer.Complete(Make.Plan(cluster), cluster, Make.Noon);
        var plan = Previewer.Complete(Make.Plan(cluster), cluster, Make.Noon, measured: measured);

        Assert.Equal(usual.Steps.Select(s => s.Id), plan.Steps.Select(s => s.Id));
        Assert.All(plan.Steps.Where(s => s.Kind == StepKind.Replace), s => Assert.Equal(2, s.EstimateSeconds));
        Assert.True(plan.Totals.EstimateSeconds < usual.Totals.EstimateSeconds);
        Assert.Equal("from 4 earlier runs of this cluster", plan.EstimatedFrom);
        Assert.Equal(usual.Hash, plan.Hash);
    }

    private static StepEntry Step(StepKind kind, double seconds, StepState state = StepState.Succeeded, int attempts = 1) => new()
    {
        Id = "x", Kind = kind, Component = "redis", Stage = "all", State = state, StartedAt = Make.Noon, EndedAt = Make.Noon.AddSeconds(seconds),
        Attempts = [.. Enumerable.Range(1, attempts).Select(n => new AttemptEntry(n, Make.Noon, null))],
    };
}
