using Rollcall.Shared;
using Rollcall.Web.Hubs;
using Xunit;

namespace Rollcall.Unit.Web;

public sealed class RunFeedTests
{
    [Fact]
    public void FrameOf_FromNothing_IsTheWholeView() => Assert.Equal(("snapshot", 2), Of(null, Run(Step("a"), Step("b"))));

    [Fact]
    public void FrameOf_OneStepChanged_CarriesThatStepOnly()
    {
        var (a, b) = (Step("a"), Step("b"));
        var frame = RunFeed.FrameOf(Run(a, b), Run(a, b with { State = StepState.Running }));
        Assert.Equal("delta", frame.Kind);
        Assert.Equal("b", Assert.Single(frame.View.Steps).Id);
    }

    [Fact]
    public void FrameOf_OnlyTheReasonChanged_CarriesNoStep()
    {
        var a = Step("a");
        var frame = RunFeed.FrameOf(Run(a), Run(a) with { Reason = new Reason("Waiting for orders-a-1 to catch up.") });
        Assert.Equal(("delta", 0), (frame.Kind, frame.View.Steps.Length));
        Assert.NotNull(frame.View.Reason);
    }

    [Fact]
    public void FrameOf_AStepIsGone_IsTheWholeViewAgain() => Assert.Equal(("snapshot", 1), Of(Run(Step("a"), Step("b")), Run(Step("a"))));

    private static (string, int) Of(RunView? from, RunView to)
    {
        var frame = RunFeed.FrameOf(from, to);
        return (frame.Kind, frame.View.Steps.Length);
    }

    private static StepView Step(string id) => new()
    {
        Id = id, Stage = "rest", Kind = StepKind.Replace, Component = "redis", Reversibility = Reversibility.L0, EstimateSeconds = 10, Title = id, State = StepState.Pending,
    };

    private static RunView Run(params StepView[] steps) => new()
    {
        Id = "r1", PlanId = "p1", PlanHash = "h", PlanName = "up", Cluster = "demo/orders", State = RunState.Running, Steps = [.. steps], StartedBy = "ann", CreatedAt = Topologies.Noon, Totals = new RunTotals(), Seq = 1,
    };
}
