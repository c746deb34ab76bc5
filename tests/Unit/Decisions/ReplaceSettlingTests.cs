using Rollcall.Engine.Decisions;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>A member whose Pod came back on another version than the run wants: somebody wrote the template, or deleted the Pod, while it was being replaced.</summary>
public sealed class ReplaceSettlingTests
{
    private static readonly ReplaceAct Act = new("redis.shard-a.replace.orders-a-0", "redis", "shard-a", "orders-a-0", "gone-uid", false);

    private static RunEvent[] Tries(int count) =>
    [
        new RunStarted("p1", "h1"),
        .. Done(StepIds.Hold("redis"), StepKind.Hold, new HoldAct(StepIds.Hold("redis"), "redis", ["orders-a"])),
        .. Done(StepIds.Retarget("redis", "orders-a"), StepKind.Retarget, new RetargetAct(StepIds.Retarget("redis", "orders-a"), "redis", ["orders-a"], new VersionRef { Version = "7.2.5" })),
        .. Enumerable.Range(1, count).SelectMany(i => new RunEvent[]
        {
            new StepStarted(Act.Step, StepKind.Replace, "redis", "all", "shard-a", "orders-a-0", i, Act) { Role = "secondary" }, new ActReturned(Act.Step, i, ActStatus.Accepted, new Reason("It said so.")),
        }),
    ];

    private static RunEvent[] Done(string id, StepKind kind, Act act) =>
        [new StepStarted(id, kind, "redis", "all", null, null, 1, act), new ActReturned(id, 1, ActStatus.Accepted, new Reason("It said so.")), new StepFinished(id, 1, StepState.Succeeded, null)];

    private static Decision Decide(params RunEvent[] events)
    {
        var topology = Make.Cluster(1);
        topology = topology with { Components = [topology.Components[0] with { Workloads = [.. topology.Components[0].Workloads.Select(w => w with { Strategy = "OnDelete", Held = new Custody("me", "r1", null) })] }] };
        var ledger = Ledger.Fold(events.Select((e, i) => ((long)i + 1, Make.Noon.AddSeconds(i - events.Length), e)));
        return new Decider().Decide(new DecisionState { RunId = "r1", Plan = Make.Plan(topology), Topology = topology, Ledger = ledger, Now = Make.Noon });
    }

    [Fact]
    public void Replace_CameBackOnTheOldVersion_SaysWhoseTemplateItIs() =>
        Assert.Equal("The template of orders-a asks for 7.2.4, not for 7.2.5: somebody changed it after Rollcall wrote it.", Assert.IsType<RunPaused>(Assert.Single(Decide(Tries(1)).Record)).Reason.Text);

    [Fact]
    public void Replace_CameBackOnTheOldVersionThreeTimes_StopsAndRetryIsAWayOut()
    {
        var pause = Assert.IsType<RunPaused>(Assert.Single(Decide(Tries(3)).Record));
        Assert.Equal("orders-a-0 came back on 7.2.4, not on 7.2.5.", pause.Reason.Text);
        Assert.True(pause.Diverged);

        var retried = Decide([.. Tries(3), pause, new RunResumed(true, "")]);

        Assert.Empty(retried.Record);
        Assert.Equal("7.2.5", Assert.IsType<RetargetAct>(Assert.Single(retried.Acts).Act).To.Version);
    }
}
