using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class HandoverWindowTests
{
    private static ShardBench Bench(string cron)
    {
        var bench = new ShardBench();
        bench.Plan = bench.Plan with { Spec = bench.Plan.Spec with { Safety = new SafetySpec { HandoverWindow = new WindowSpec(cron, TimeSpan.FromHours(2), "Europe/Berlin") } } };
        return bench;
    }

    [Fact]
    public void Check_NoWindow_Allows() => Assert.True(HandoverWindow.Check(new ShardBench().Context).Allows);

    [Fact]
    public void Check_Open_Allows() => Assert.True(HandoverWindow.Check(Bench("0 12 * * *").Context).Allows);

    [Fact]
    public void Check_Closed_WaitsAndSaysWhenItOpens()
    {
        var verdict = HandoverWindow.Check(Bench("12 16 * * *").Context);

        Assert.False(verdict.Allows || verdict.Stop);
        Assert.Equal("The leader of shard-a waits for the handover window: opens 16:12 Europe/Berlin (in 3 h 12 min).", verdict.Reason!.Text);
        Assert.Equal("closed (12 16 * * * for 2h, Europe/Berlin)", Assert.Single(verdict.Reason.Evidence).Value);
        Assert.Equal(Make.Noon.AddMinutes(1), verdict.WakeAt);
    }

    [Fact]
    public void Check_OpensAnotherDay_NamesTheDay() => Assert.Contains("opens Mon 23 Nov 02:00 Europe/Berlin (in 13 h)", HandoverWindow.Check(Bench("0 2 * * *").Context).Reason!.Text);

    [Fact]
    public void Check_Rollback_DoesNotWait()
    {
        var bench = Bench("0 2 * * *");
        bench.Plan = bench.Plan with { Direction = Direction.Rollback };

        Assert.True(HandoverWindow.Check(bench.Context).Allows);
    }
}
