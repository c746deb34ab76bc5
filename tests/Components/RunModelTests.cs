using Rollcall.Shared;
using Rollcall.Web.Model.Watching;
using Xunit;

namespace Rollcall.Components;

public sealed class RunActionsTests
{
    [Fact]
    public void For_ViewerOrReadOnly_OffersNothing()
    {
        Assert.Empty(RunActions.For(Samples.Run(), Samples.Viewer, readOnly: false, heldByRun: true));
        Assert.Empty(RunActions.For(Samples.Run(), Samples.Operator, readOnly: true, heldByRun: true));
    }

    [Fact]
    public void For_Approver_SeesActionsButSaysWhyNot()
    {
        var actions = RunActions.For(Samples.Run(), Samples.Approver(), readOnly: false, heldByRun: false);

        Assert.NotEmpty(actions);
        Assert.All(actions, a => Assert.Contains("operator", a.Refusal, StringComparison.Ordinal));
    }

    [Fact]
    public void For_Paused_ResumesAndRetries()
    {
        var actions = RunActions.For(Samples.Run(RunState.Paused), Samples.Operator, readOnly: false, heldByRun: true);

        Assert.Contains(actions, a => a is { Kind: RunActionKind.Resume, Enabled: true });
        Assert.Contains(actions, a => a is { Kind: RunActionKind.Retry, Enabled: true });
        Assert.DoesNotContain(actions, a => a.Kind is RunActionKind.Pause);
    }

    [Fact]
    public void For_HaltedByARule_OffersRetryFirst()
    {
        var halted = Samples.Run(RunState.Paused) with { Reason = new Reason("a-1 cannot start.", "UpdatedUnhealthyHalts") };

        Assert.Equal(RunActionKind.Retry, RunActions.For(halted, Samples.Operator, readOnly: false, heldByRun: true)[0].Kind);
    }

    [Fact]
    public void For_AbortedAndStillHeld_OffersTheThreeWaysOut() =>
        Assert.Equal([RunActionKind.Finish, RunActionKind.Rollback, RunActionKind.Release], RunActions.For(Samples.Run(RunState.Aborted), Samples.Operator, readOnly: false, heldByRun: true).Select(a => a.Kind));

    [Fact]
    public void For_RolledBackAlready_OffersNoSecondRollback() =>
        Assert.Empty(RunActions.For(Samples.Run(RunState.Aborted) with { RolledBackBy = "r-2" }, Samples.Operator, readOnly: false, heldByRun: false));

    [Fact]
    public void For_RollbackRefusedByTheEngine_StillOpensTheDialogThatExplains() =>
        Assert.Contains(RunActions.For(Samples.Run() with { Rollback = new RollbackOutlook(false, "No rollback: a was switched over.", 2, 1, ["a"], "Restore a backup.") }, Samples.Operator, readOnly: false, heldByRun: false),
            a => a is { Kind: RunActionKind.Rollback, Enabled: true });
}

public sealed class TimelineTests
{
    [Fact]
    public void Of_RunInTheMiddle_FoldsShardsAndPointsAtNow()
    {
        var timeline = Timeline.Of(Samples.Run());

        Assert.Equal(["hold", "canary", "rest", "release"], timeline.Stages.Select(s => s.Title));
        var shard = Assert.Single(timeline.Stages[1].Entries);
        Assert.Equal(("a", "2 members, 1 switchover", StepState.Succeeded), (shard.Title, shard.Detail, shard.State));
        Assert.Equal("rest-gate", timeline.Current?.Id);
    }

    [Fact]
    public void Of_PausedRun_ShowsNothingAsRunning_AndTheHaltedStepSaysWhy()
    {
        var run = Samples.Run(RunState.Paused) with { Reason = new Reason("b-1 cannot start."), Steps = [Samples.Step("b-1", StepKind.Replace, StepState.Running, shard: "b"), Samples.Step("b-0", StepKind.Replace, StepState.Pending, shard: "b")] };
        var timeline = Timeline.Of(run);

        Assert.Equal((StepState.Waiting, "b-1 cannot start."), (timeline.Current!.State, timeline.Current.Reason?.Text));
        Assert.Equal(StepState.Waiting, StageProgress.Of(run)[0].State);
    }

    [Fact]
    public void Of_UnplannedStepInBetween_LeavesTheStageWhole()
    {
        var run = Samples.Run() with { Steps = [Samples.Step("a-1", StepKind.Replace, StepState.Succeeded, shard: "a"), Samples.Step("wb", StepKind.Retarget, StepState.Succeeded, "write back"), Samples.Step("a-0", StepKind.Replace, StepState.Pending, shard: "a")] };

        Assert.Equal(["canary", "write back"], Timeline.Of(run).Stages.Select(s => s.Title));
    }

    [Fact]
    public void Of_EndedRun_PointsNowhere() => Assert.Null(Timeline.Of(Samples.Run(RunState.Aborted)).Current);

    [Fact]
    public void Of_ShardsInFlightTogether_EachReadsAsOneStory()
    {
        var run = Samples.Run() with
        {
            Steps =
            [
                Samples.Step("a-1", StepKind.Replace, StepState.Succeeded, shard: "a"), Samples.Step("b-1", StepKind.Replace, StepState.Succeeded, shard: "b"),
                Samples.Step("a-0", StepKind.Replace, StepState.Running, shard: "a"), Samples.Step("b-0", StepKind.Replace, StepState.Pending, shard: "b"),
            ],
        };

        var entries = Assert.Single(Timeline.Of(run).Stages).Entries;
        Assert.Equal(["a", "b"], entries.Select(e => e.Title));
        Assert.All(entries, e => Assert.Equal(2, e.Steps.Length));
    }

    [Fact]
    public void StateOf_HalfDoneInAnAbortedRun_IsNotDone() => Assert.Equal(StepState.Skipped, Timeline.StateOf([StepState.Succeeded, StepState.Skipped], RunState.Aborted));

    [Theory]
    [InlineData(new[] { StepState.Succeeded, StepState.Pending }, StepState.Running)]
    [InlineData(new[] { StepState.Succeeded, StepState.Waiting, StepState.Running }, StepState.Waiting)]
    [InlineData(new[] { StepState.Failed, StepState.Waiting }, StepState.Failed)]
    [InlineData(new[] { StepState.Succeeded, StepState.Skipped }, StepState.Succeeded)]
    [InlineData(new[] { StepState.Skipped, StepState.Skipped }, StepState.Skipped)]
    public void StateOf_Mixture_IsTheWorstThatHappensNow(StepState[] states, StepState expected) => Assert.Equal(expected, Timeline.StateOf(states));
}

public sealed class StageProgressTests
{
    [Fact]
    public void Of_Run_EndsWithTheRelease()
    {
        var strip = StageProgress.Of(Samples.Run(gate: Samples.Gate(approvals: Samples.Approval("ann"))));

        Assert.Equal(["canary", "rest", "Release"], strip.Select(s => s.Title));
        Assert.Equal("b · 1 of 2 approved", strip[1].Detail);
        Assert.Equal((2, 2), (strip[0].Replaced, strip[0].ToReplace));
    }
}

public sealed class RunFilterTests
{
    private static readonly RunView[] Runs =
    [
        Samples.Run(), Samples.Run(RunState.Succeeded) with { Id = "r-2", Cluster = "demo/billing", StartedBy = "ann" }, Samples.Run(RunState.Succeeded) with { Id = "r-3" },
    ];

    [Fact]
    public void Apply_State_CountsWhatTheOtherFiltersLeave()
    {
        var (rows, counts, total) = RunFilter.Parse("succeeded", "demo/orders", null).Apply(Runs);

        Assert.Equal(["r-3"], rows.Select(r => r.Id));
        Assert.Equal((1, 1, 2), (counts[RunState.Succeeded], counts[RunState.Waiting], total));
    }

    [Fact]
    public void Href_ReadsBackAsTheSameFilter()
    {
        var filter = new RunFilter(RunState.Paused, "demo/orders", "8.0.1 & more");
        var query = System.Web.HttpUtility.ParseQueryString(new Uri("http://x" + filter.Href()).Query);

        Assert.Equal(filter, RunFilter.Parse(query["state"], query["cluster"], query["q"]));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("99")]
    public void Parse_UnknownState_IsNoFilter(string state) => Assert.Null(RunFilter.Parse(state, null, null).State);
}
