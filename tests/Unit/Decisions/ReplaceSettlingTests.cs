using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>A member that is being replaced: gone, going, back on the wrong version, or never to be seen again.</summary>
public sealed class ReplaceSettlingTests
{
    private static readonly string Id = StepIds.Replace("redis", "shard-a", "orders-a-0");
    private static readonly ReplaceAct Act = new(Id, "redis", "shard-a", "orders-a-0", "orders-a-0-uid", false);

    private static DecideBench Asked(int attempts = 1, ActStatus? answer = ActStatus.Accepted) => new DecideBench().Asked(Id, StepKind.Replace, Act, "shard-a", "orders-a-0", answer, attempts, "secondary");

    /// <summary>Its Pod is another one, on the old version, and the template says so too.</summary>
    private static DecideBench BackOnTheOld(int attempts) => Asked(attempts).Member("orders-a-0", m => m with { Uid = "another" }).Workloads(w => DecideBench.Written(w, "7.2.4"));

    [Fact]
    public void Replace_CameBackOnTheOldVersion_SaysWhoseTemplateItIs() =>
        Assert.Equal("The template of orders-a asks for 7.2.4, not for 7.2.5: somebody changed it after Rollcall wrote it.", BackOnTheOld(1).Pause().Reason.Text);

    [Fact]
    public void Replace_CameBackOnTheOldVersionThreeTimes_StopsAndRetryIsAWayOut()
    {
        var bench = BackOnTheOld(3);
        var pause = bench.Pause();
        Assert.Equal(("orders-a-0 came back on 7.2.4, not on 7.2.5.", true), (pause.Reason.Text, pause.Diverged));

        bench.After(pause, new RunResumed(true, ""));

        Assert.Empty(bench.Decide().Record);
        Assert.Equal("7.2.5", Assert.IsType<RetargetAct>(bench.Act()).To.Version);
    }

    [Theory]
    [InlineData("Terminating", "orders-a-0-uid", "orders-a-0 is shutting down.", "its Pod does not end")]
    [InlineData("Missing", "", "orders-a-0 is gone; its controller creates it anew.", "its Pod was not created")]
    public void Replace_PodGoesOrIsGone_IsWaitedForUntilTheDeadlineAndThenAPersonLooks(string phase, string uid, string said, string late)
    {
        var bench = Asked().Member("orders-a-0", m => m with { Ready = false, Phase = phase, Uid = uid });
        Assert.Contains(said, bench.Waits());

        bench.Now += bench.Plan.Profile.Deadlines.Ready;
        var pause = bench.Pause();

        Assert.Contains(late, pause.Reason.Text, StringComparison.Ordinal);
        Assert.Equal(UpdatedUnhealthyHalts.Name, pause.Reason.Rule);
    }

    [Fact]
    public void Replace_DeadlineOfThePlan_GoesBeforeTheProfiles()
    {
        var bench = Asked().Member("orders-a-0", m => m with { Ready = false, Phase = "Missing", Uid = "" });
        bench.Plan = bench.Plan with { Spec = bench.Plan.Spec with { Safety = new SafetySpec { ReadyDeadline = TimeSpan.FromMinutes(1) } } };
        bench.Now += TimeSpan.FromMinutes(1);

        Assert.Equal("orders-a-0 did not come back within 60 s: its Pod was not created.", bench.Pause().Reason.Text);
    }

    [Fact]
    public void Replace_AcceptedWithoutEffect_IsAskedAgainAndThenAPersonLooks()
    {
        var bench = Asked();
        Assert.Contains("Replacing orders-a-0: accepted, not yet to be seen.", bench.Waits());

        Assert.IsType<ReplaceAct>(bench.Later(bench.Plan.Profile.Deadlines.Action).Act());

        bench = Asked(3);
        Assert.Contains("accepted 3 times without effect", bench.Later(bench.Plan.Profile.Deadlines.Action).Pause().Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Replace_CameBackOnTheNewVersion_IsDone()
    {
        var bench = Asked().Member("orders-a-0", m => DecideBench.On(m, "7.2.5") with { Uid = "another" });

        var end = Assert.IsType<StepFinished>(Assert.Single(bench.Decide().Record));

        Assert.Equal((Id, StepState.Succeeded), (end.Step, end.State));
    }
}
