using Rollcall.Engine.Decisions;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Execution;

/// <summary>One shard alone, and the rollback of a rollback.</summary>
public sealed class WaysBackTests
{
    private static Bench ThreeShards() => new(new ToyCluster(3, 3, 2, 0, null));

    private static IEnumerable<string> Versions(Bench bench, int shard) => bench.Toy.Groups[shard].Members.Select(m => m.Version).Distinct();

    [Fact]
    public async Task OneShard_AfterTheRun_GoesBackAndTheOthersStay()
    {
        await using var bench = await ThreeShards().StartAsync();
        var run = await bench.RunAsync();
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
        var before = bench.Toy.Replaced.Values.Sum();

        var preview = Bench.Accepted(await bench.Rollouts.RollbackPreviewAsync(run, "redis/shard-b", Bench.Ann, Bench.Ct));
        var back = Bench.Accepted(await bench.Rollouts.RollbackAsync(run, "redis/shard-b", "only b is slow", Bench.Ann, Bench.Ct));
        var end = await bench.EndAsync(back.Id);

        Assert.Equal(RunState.Succeeded, end.State);
        Assert.True(end.Partial);
        Assert.Equal([["7.2.5"], ["7.2.4"], ["7.2.5"]], Enumerable.Range(0, 3).Select(i => Versions(bench, i)));
        Assert.Equal(2, bench.Toy.Replaced.Values.Sum() - before);
        Assert.Equal(2, preview.Totals.Replacements);
        Assert.Equal("shard-b", Assert.Single(preview.WayBack!.Leaders).Shard);
        Assert.Equal(["redis/shard-a", "redis/shard-b", "redis/shard-c"], preview.WayBack.Alone);
        Assert.Empty(bench.Toy.Violations);
        Assert.All(bench.Toy.Groups, g => Assert.Null(g.HeldBy));
        Assert.Null(bench.View(run).RolledBackBy);
    }

    [Fact]
    public async Task OneShard_InMidRun_EndsTheRunAndTheRestStaysHeldByIt()
    {
        await using var bench = await ThreeShards().StartAsync();
        var run = await bench.RunAsync();
        await bench.UntilAsync(run, _ => Versions(bench, 0).SequenceEqual(["7.2.5"]) && Versions(bench, 1).Count() == 2);

        var back = Bench.Accepted(await bench.Rollouts.RollbackAsync(run, "redis/shard-b", "", Bench.Ann, Bench.Ct));
        var end = await bench.EndAsync(back.Id);

        Assert.Equal((RunState.Succeeded, RunState.Aborted), (end.State, bench.View(run).State));
        Assert.Equal([["7.2.5"], ["7.2.4"], ["7.2.4"]], Enumerable.Range(0, 3).Select(i => Versions(bench, i)));
        Assert.Equal(["StatefulSet demo/orders-a", "StatefulSet demo/orders-c"], bench.View(run).Obligations.Where(o => !o.Returned).Select(o => o.Object));
        Assert.Equal([run, null, run], bench.Toy.Groups.Select(g => g.HeldBy));
        Assert.Empty(bench.Toy.Violations);

        var rest = Bench.Accepted(await bench.Rollouts.RollbackAsync(run, "and now all of it", Bench.Ann, Bench.Ct));
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(rest.Id)).State);
        Assert.All(bench.Toy.Groups, g => Assert.Null(g.HeldBy));
        Assert.All(bench.Toy.Groups.SelectMany(g => g.Members), m => Assert.Equal("7.2.4", m.Version));
    }

    [Fact]
    public async Task OneShard_UnknownOrSharingItsTemplate_IsRefusedAndSaysWhy()
    {
        await using var bench = await ThreeShards().StartAsync();
        var run = await bench.RunAsync();
        await bench.EndAsync(run);

        Assert.Contains("redis/shard-a", (await bench.Rollouts.RollbackAsync(run, "redis/shard-z", "", Bench.Ann, Bench.Ct)).Refusal!.Message, StringComparison.Ordinal);
        bench.Store.Update(t => t with { Components = [.. t.Components.Select(c => c with { Workloads = [.. c.Workloads.Select(w => w with { Shards = ["shard-a", "shard-b", "shard-c"] })] })] });
        var shared = (await bench.Rollouts.RollbackPreviewAsync(run, "redis/shard-b", Bench.Ann, Bench.Ct)).Refusal!;
        Assert.Equal(RefusalKind.Conflict, shared.Kind);
        Assert.Contains("one template for 3 shards", shared.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RollbackOfARollback_InMidWay_GoesForwardAgainThroughItsGate()
    {
        await using var bench = await ThreeShards().StartAsync();
        var run = await bench.RunAsync(gate: new GateSpec());
        var open = await bench.UntilAsync(run, v => v.Gates[0].State == GateState.Open);
        Bench.Accepted(await bench.Rollouts.ApproveAsync(run, open.Gates[0].Name, open.PlanHash, "", Bench.Bob, Bench.Ct));
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
        var back = Bench.Accepted(await bench.Rollouts.RollbackAsync(run, "too slow", Bench.Ann, Bench.Ct));
        await bench.UntilAsync(back.Id, _ => bench.Toy.Groups.SelectMany(g => g.Members).Any(m => m is { Version: "7.2.4", Ready: true }));

        var again = Bench.Accepted(await bench.Rollouts.RollbackAsync(back.Id, "it was the network", Bench.Ann, Bench.Ct));

        Assert.Equal((back.Id, false), (again.RollbackOf, again.Backwards));
        Assert.Equal((RunState.Aborted, again.Id), (bench.View(back.Id).State, bench.View(back.Id).RolledBackBy));
        open = await bench.UntilAsync(again.Id, v => v.Gates[0].State == GateState.Open || v.Terminal);
        Assert.Equal(GateState.Open, open.Gates[0].State);
        Bench.Accepted(await bench.Rollouts.ApproveAsync(again.Id, open.Gates[0].Name, open.PlanHash, "", Bench.Bob, Bench.Ct));
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(again.Id)).State);
        Assert.All(bench.Toy.Groups.SelectMany(g => g.Members), m => Assert.Equal("7.2.5", m.Version));
        Assert.Empty(bench.Toy.Violations);
        Assert.All(bench.Toy.Groups, g => Assert.Null(g.HeldBy));
    }

    [Fact]
    public async Task RollbackOfARollback_AfterItsEnd_IsPreviewedAndGoesForward()
    {
        await using var bench = await ThreeShards().StartAsync();
        var run = await bench.RunAsync();
        await bench.EndAsync(run);
        var back = Bench.Accepted(await bench.Rollouts.RollbackAsync(run, "", Bench.Ann, Bench.Ct));
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(back.Id)).State);

        var preview = Bench.Accepted(await bench.Rollouts.RollbackPreviewAsync(back.Id, null, Bench.Ann, Bench.Ct));
        Assert.Equal(6, preview.Totals.Replacements);
        Assert.Contains("6 members in 3 shards", bench.View(back.Id).Rollback!.Text, StringComparison.Ordinal);
        var again = Bench.Accepted(await bench.Rollouts.RollbackAsync(back.Id, "", Bench.Ann, Bench.Ct));
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(again.Id)).State);
        Assert.All(bench.Toy.Groups.SelectMany(g => g.Members), m => Assert.Equal("7.2.5", m.Version));
    }
}
