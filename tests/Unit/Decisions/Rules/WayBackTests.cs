using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

/// <summary>RestoreOriginalLeaders and RebuildOnRevert.</summary>
public sealed class WayBackTests
{
    private static Plan Forward(TopologySnapshot cluster, bool restore) => Make.Plan(cluster, safety: new SafetySpec { RestoreLeaders = restore });

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 4)]
    public void Restore_Asked_OneMoreSwitchoverPerShardAndTheOldLeadersLead(bool restore, int switchovers)
    {
        var cluster = Make.Cluster(2);

        var plan = Previewer.Complete(Forward(cluster, restore), cluster, Make.Noon);

        Assert.DoesNotContain(plan.Findings, f => f.Severity == Severity.Error);
        Assert.Equal(switchovers, plan.Totals.Switchovers);
        var back = plan.Steps.Where(s => s.Stage == RestoreOriginalLeaders.Stage).ToList();
        Assert.Equal(restore ? ["redis.shard-a.restore", "redis.shard-b.restore"] : [], back.Select(s => s.Id));
        Assert.Equal(restore ? ["orders-a-2", "orders-b-2"] : [], back.Select(s => s.To!));
        Assert.All(back, s => Assert.Contains(RestoreOriginalLeaders.Name, s.Rules));
        if (restore)
            Assert.True(back[0].StartSeconds >= plan.Steps.Where(s => s.Kind == StepKind.Replace).Max(s => s.StartSeconds + s.EstimateSeconds));
    }

    private static ShardBench Updated(int leader)
    {
        var bench = new ShardBench { Template = "7.2.5" };
        for (var i = 0; i < 3; i++)
        {
            var role = i == leader ? "primary" : "secondary";
            bench.With(i, m => m.On("7.2.5").Says(role) with { LagBytes = role == "secondary" ? 0 : null });
        }
        return bench;
    }

    [Fact]
    public void Restore_AllGreen_Allows() => Assert.True(RestoreOriginalLeaders.Check(Updated(0).Context, "orders-a-2")!.Allows);

    [Fact]
    public void Restore_LeadsAlready_OrIsGone_HasNothingToDo()
    {
        Assert.Null(RestoreOriginalLeaders.Check(Updated(2).Context, "orders-a-2"));
        Assert.Null(RestoreOriginalLeaders.Check(Updated(0).Context, "orders-a-9"));
    }

    private static Dictionary<string, Func<ShardBench, ShardBench>> NotGreenWays => new(StringComparer.Ordinal)
    {
        { "a member is down", b => b.With(1, m => m.Down()) },
        { "a member is outdated", b => b.With(1, m => m.On("7.2.4")) },
        { "the preferred one lags", b => b.With(2, m => m with { LagBytes = 9 << 20 }) },
        { "the preferred one cannot lead", b => b.With(2, m => m.Says("arbiter")) },
        { "an answer is old", b => b.With(1, m => m.Asked(60)) },
        { "nobody leads", b => b.With(0, m => m.Says("secondary")) },
    };

    public static TheoryData<string> NotGreen => [.. NotGreenWays.Keys];

    [Theory]
    [MemberData(nameof(NotGreen))]
    public void Restore_NotAllGreen_Waits(string why)
    {
        var verdict = RestoreOriginalLeaders.Check(NotGreenWays[why](Updated(0)).Context, "orders-a-2");

        Assert.False(verdict!.Allows, why);
    }

    [Fact]
    public void Restore_Wanted_ForwardFromTheJournalBackwardFromThePlan()
    {
        var ledger = Ledger.Empty with { LeadersBefore = ImmutableDictionary<string, string>.Empty.Add("redis/shard-a", "orders-a-2") };
        var cluster = Make.Cluster(1);

        Assert.Empty(RestoreOriginalLeaders.Wanted(Forward(cluster, false), ledger));
        Assert.Equal("orders-a-2", RestoreOriginalLeaders.Wanted(Forward(cluster, true), ledger)["redis/shard-a"]);
        Assert.Empty(RestoreOriginalLeaders.Wanted(Forward(cluster, true) with { Direction = Direction.Rollback }, ledger));
        Assert.NotEmpty(RestoreOriginalLeaders.Wanted(Forward(cluster, false) with { Direction = Direction.Rollback, PreferredLeaders = ledger.LeadersBefore }, ledger));
    }

    /// <summary>On the way back from 7.4.0 to 7.2.4: 0 and 1 are updated, 2 leads on the old version.</summary>
    private static ShardBench Reverting()
    {
        var bench = new ShardBench();
        var there = bench.Plan.Components[0];
        var newer = there.To with { Version = "7.4.0", Images = ShardBench.Images("7.4.0") };
        bench.Plan = bench.Plan with { Direction = Direction.Rollback, Components = [there with { From = newer, To = there.From, Targets = [.. there.Targets.Select(t => t with { From = newer, To = t.From })] }] };
        return bench.With(0, m => m.On("7.4.0") with { Claims = "data-orders-a-0" }).With(1, m => m.On("7.4.0") with { Claims = "data-orders-a-1" });
    }

    [Fact]
    public void Rebuild_FilesOfTheNewVersion_StopsAndSaysWhatToDelete()
    {
        var bench = Reverting();

        var verdict = RebuildOnRevert.Check(bench.Context, bench[1]);

        Assert.True(verdict.Stop);
        Assert.Equal("orders-a-1 has files of 7.4.0 that 7.2.4 cannot read; they must be discarded, so that it copies them anew from orders-a-2.", verdict.Reason!.Text);
        Assert.Contains("kubectl -n demo delete pvc data-orders-a-1 --wait=false", verdict.Reason.Next, StringComparison.Ordinal);
    }

    private static Dictionary<string, Func<ShardBench, ShardBench>> HarmlessWays => new(StringComparer.Ordinal)
    {
        { "no claim: its files go with the Pod", b => b.With(1, m => m with { Claims = "" }) },
        { "it never came up on the new version", b => b.With(1, m => m.Dead("ImagePullBackOff")) },
        { "it runs the old version", b => b.With(1, m => m.On("7.2.4")) },
        { "every version reads them", b => { b.Plan = b.Plan with { Profile = b.Plan.Profile with { Versions = b.Plan.Profile.Versions with { ReadableDown = "any" } } }; return b; } },
        { "this is no way back", b => { b.Plan = b.Plan with { Direction = Direction.Forward }; return b; } },
    };

    public static TheoryData<string> Harmless => [.. HarmlessWays.Keys];

    [Theory]
    [MemberData(nameof(Harmless))]
    public void Rebuild_NothingToDiscard_Allows(string why)
    {
        var bench = HarmlessWays[why](Reverting());

        Assert.True(RebuildOnRevert.Check(bench.Context, bench[1]).Allows, why);
    }

    [Fact]
    public void Rebuild_Retried_AllowsThisOneAndAsksForTheNext()
    {
        var bench = Reverting();
        bench.Ledger = Ledger.Fold([(1, Make.Noon.AddSeconds(-20), new RunResumed(true, ""))]);
        Assert.True(RebuildOnRevert.Check(bench.Context, bench[1]).Allows);

        bench.Ledger = bench.Ledger
            .Apply(2, Make.Noon.AddSeconds(-10), new StepStarted("s", StepKind.Replace, "redis", "rollback", "shard-a", "orders-a-1", 1, null))
            .Apply(3, Make.Noon.AddSeconds(-5), new StepFinished("s", 1, StepState.Succeeded, null));
        Assert.True(RebuildOnRevert.Check(bench.Context, bench[0]).Stop);
    }

    [Fact]
    public void Rebuild_NobodyOnTheOldVersionLeads_HasNothingToCopyFrom()
    {
        var bench = Reverting().With(2, m => m.On("7.4.0"));

        var verdict = RebuildOnRevert.Check(bench.Context, bench[1]);

        Assert.True(verdict.Stop);
        Assert.Contains("no member on 7.2.4 leads shard-a to copy from", verdict.Reason!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Rebuild_InTheRollbacksPlan_IsSaidBefore()
    {
        var bench = Reverting();
        var live = bench.Context.Live;

        var finding = RebuildOnRevert.Check(bench.Plan.Components[0], live, bench.Plan.Profile);

        Assert.Equal(Severity.Warning, finding!.Severity);
        Assert.StartsWith("redis: members orders-a-0, orders-a-1 have files of 7.4.0 that 7.2.4 cannot read.", finding.Message, StringComparison.Ordinal);
        Assert.Null(RebuildOnRevert.Check(bench.Plan.Components[0], new ShardBench().Context.Live, bench.Plan.Profile));
    }

    [Theory]
    [InlineData("no", true, false)]
    [InlineData("no", false, true)]
    [InlineData("yes", true, true)]
    public void Rollback_MembersWithoutALeader_AreBlockedOnceOneCameUpWhereNoWayBackIs(string after, bool ready, bool allowed)
    {
        var profile = Make.Generic with { Rollback = new Engine.Profiles.RollbackPolicy { AfterSwitchover = after }, Versions = new Engine.Profiles.VersionSpec { ReadableDown = after == "no" ? "none" : "any" } };
        var cluster = Make.Cluster(1, 3, profile);
        var shard = cluster.Components[0].Shards[0];
        var live = cluster with { Components = [cluster.Components[0] with { Shards = [shard with { Instances = [shard.Instances[0].On("7.2.5") with { Ready = ready }, .. shard.Instances.Skip(1)] }] }] };

        var outlook = RollbackPlanner.Outlook(Make.Plan(cluster, profile), Ledger.Empty, live);

        Assert.Equal(allowed, outlook.Allowed);
        if (!allowed)
            Assert.StartsWith("No rollback: shard-a was updated, and 7.2.4 may not read files of 7.2.5.", outlook.Text, StringComparison.Ordinal);
    }
}
