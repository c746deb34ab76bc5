using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Execution;

public sealed class PastRunsTests
{
    [Fact]
    public async Task Of_OneThatSucceeded_CountsForItsClusterThenForItsProfile_AndForNobodyElse()
    {
        await using var bench = await new Bench().StartAsync();
        var run = await bench.RunAsync();
        await bench.EndAsync(run);
        var (past, profile) = (new PastRuns(bench.Journal), Make.Redis.Name);
        RunView[] runs = [bench.View(run)];

        var own = past.Of(bench.Store.Cluster, profile, runs);
        Assert.Equal("from 1 earlier run of this cluster", own.InWords(["redis"]));
        Assert.True(own.Components["redis"] is { Replace.TotalSeconds: > 0, Sync: not null, Switchover.TotalSeconds: > 0 }, $"{own.Components["redis"]}");
        Assert.Equal($"from 1 earlier run of other clusters with the profile {profile}", past.Of(new ClusterKey("demo", "other"), profile, runs).InWords(["redis"]));
        Assert.Equal(0, past.Of(bench.Store.Cluster, "another", runs).Runs);
        Assert.Equal(0, past.Of(bench.Store.Cluster, profile, [runs[0] with { State = RunState.Aborted }]).Runs);
    }
}
