using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class BackupFreshTests
{
    private static readonly ActionSpec Take = new() { Backup = new BackupAction { Method = "datafile" }, Timeout = TimeSpan.FromHours(1) };

    private static BackupFact Backup(double hours, string component = "redis", string phase = "Completed") => new($"b-{hours}", component, "datafile", phase, phase == "Completed" ? Make.Noon.AddHours(-hours) : null);

    private static DecisionState State(BackupSpec? spec, params BackupFact[] backups)
    {
        var topology = Make.Cluster(1, 2) with { Backups = [.. backups] };
        return new DecisionState { RunId = "r1", Plan = Make.Plan(topology, safety: new SafetySpec { Backup = spec }), Topology = topology, Ledger = Ledger.Empty, Now = Make.Noon };
    }

    private static readonly BackupSpec Day = new() { MaxAge = TimeSpan.FromHours(24) };

    [Fact]
    public void Check_WithoutAWordOfThePlan_AsksForNothing() => Assert.True(BackupFresh.Check(State(null), "redis").Allows);

    [Theory]
    [InlineData(24)]
    [InlineData(0)]
    [InlineData(-1)]
    public void Check_YoungEnough_Allows(double hours) => Assert.True(BackupFresh.Check(State(Day, Backup(hours)), "redis").Allows);

    [Fact]
    public void Check_TooOld_WaitsAndSaysHowOld()
    {
        var verdict = BackupFresh.Check(State(Day, Backup(30), Backup(49)), "redis");

        Assert.False(verdict.Allows);
        Assert.Equal("The newest backup of redis, b-30, is 30 h old; the plan wants one that is at most 24 h old.", verdict.Reason!.Text);
        Assert.Equal("complete at 2026-11-21 06:00 UTC by datafile", Assert.Single(verdict.Reason.Evidence).Value);
    }

    [Theory]
    [InlineData("Failed")]
    [InlineData("Running")]
    public void Check_OneThatIsNotComplete_DoesNotCount(string phase)
    {
        var verdict = BackupFresh.Check(State(Day, Backup(0, phase: phase)), "redis");

        Assert.StartsWith("No complete backup of redis is known", verdict.Reason!.Text, StringComparison.Ordinal);
        Assert.Equal(phase == "Running", verdict.Reason.Next!.Contains("b-0 is Running", StringComparison.Ordinal));
    }

    [Fact]
    public void Check_OfAnotherComponent_DoesNotCount() => Assert.False(BackupFresh.Check(State(Day, Backup(1, "proxy")), "redis").Allows);

    [Fact]
    public void Check_OnTheWayBack_AsksForNothing()
    {
        var state = State(Day);
        Assert.True(BackupFresh.Check(state with { Plan = state.Plan with { Direction = Direction.Rollback } }, "redis").Allows);
    }

    [Fact]
    public void Preview_WithAFreshOne_NamesItAndGoesOn()
    {
        var state = State(Day, Backup(3));
        var plan = Previewer.Complete(state.Plan, state.Topology!, Make.Noon);

        Assert.Contains(plan.Findings, f => f is { Severity: Severity.Info, Rule: BackupFresh.Name } && f.Message.Contains("is 180 min old", StringComparison.Ordinal) || f.Message.Contains("is 3 h old", StringComparison.Ordinal));
        Assert.True(Index(plan, StepKind.Backup) < Index(plan, StepKind.Replace));
        Assert.Equal(0, plan.Steps.First(s => s.Kind == StepKind.Backup).EstimateSeconds);
    }

    [Fact]
    public void Preview_ThatTakesOne_HasItBeforeTheFirstMember()
    {
        var state = State(new BackupSpec { MaxAge = TimeSpan.FromHours(1), Take = Take }, Backup(3));
        var plan = Previewer.Complete(state.Plan, state.Topology!, Make.Noon);

        var step = plan.Steps.Single(s => s.Kind == StepKind.Backup);
        Assert.Equal(("redis.backup", "Back redis up by datafile", 60.0), (step.Id, step.Title, step.EstimateSeconds));
        Assert.True(Index(plan, StepKind.Backup) < Index(plan, StepKind.Replace));
        Assert.DoesNotContain(plan.Findings, f => f.Severity == Severity.Error);
    }

    [Fact]
    public void Preview_WithNoneAndNobodyToTakeIt_IsAnError()
    {
        var state = State(Day);
        var plan = Previewer.Complete(state.Plan, state.Topology!, Make.Noon);

        Assert.Contains(plan.Findings, f => f is { Severity: Severity.Error, Rule: BackupFresh.Name });
        Assert.DoesNotContain(plan.Steps, s => s.Kind == StepKind.Replace);
    }

    private static int Index(Plan plan, StepKind kind) => plan.Steps.Select((s, i) => (s.Kind, i)).First(s => s.Kind == kind).i;
}
