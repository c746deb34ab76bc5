using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Execution;

/// <summary>Windows and freezes through the engine's edge: what is refused, who may lift it, and what stands written afterwards.</summary>
public sealed class CalendarTests
{
    private static readonly Caller Root = new("root", [Caller.Admin], []);
    private static readonly WindowSpec Sale = new("0 11 * * *", TimeSpan.FromHours(3), "UTC") { Name = "Sale" };

    private static async Task<(Bench Bench, string Plan)> BenchAsync(bool frozen, SafetySpec? safety = null)
    {
        var bench = new Bench(new ToyCluster(1, 1, 2, 0, null));
        bench.Options.Freeze = frozen ? [Sale] : [];
        await bench.StartAsync();
        var plan = Make.Plan(bench.Toy.Show(), safety: safety) with { Id = Ids.New('p'), CreatedBy = "ann", CreatedAt = bench.Time.GetUtcNow() };
        await bench.Journal.StorePlanAsync(plan);
        return (bench, plan.Id);
    }

    [Fact]
    public async Task Start_InAFreeze_IsRefusedWithItsEnd()
    {
        var (bench, plan) = await BenchAsync(frozen: true);
        await using var _ = bench;

        var refused = (await bench.Rollouts.StartRunAsync(plan, Bench.Ann, Bench.Ct)).Refusal!;

        Assert.Equal(RefusalKind.Conflict, refused.Kind);
        Assert.StartsWith("The change freeze “Sale” is on until 14:00 UTC (in 2 h); no run is started before that.", refused.Message, StringComparison.Ordinal);
        Assert.Empty(bench.Rollouts.Runs());
        Assert.Equal(RefusalKind.Forbidden, (await bench.Rollouts.StartRunAsync(plan, Bench.Ann, Bench.Ct, "urgent")).Refusal!.Kind);
        Assert.Equal("/bypassFreeze", Assert.Single((await bench.Rollouts.StartRunAsync(plan, Root, Bench.Ct, " ")).Refusal!.Errors).Path);
        Assert.Empty(bench.Rollouts.Runs());
    }

    [Fact]
    public async Task Start_InAFreezeByAnAdminWithAReason_RunsAndSaysSo()
    {
        var (bench, plan) = await BenchAsync(frozen: true);
        await using var _ = bench;

        var run = Bench.Accepted(await bench.Rollouts.StartRunAsync(plan, Root, Bench.Ct, "CVE in the old version")).Id;
        var end = await bench.EndAsync(run);

        Assert.Equal(RunState.Succeeded, end.State);
        Assert.True(bench.Time.GetUtcNow() < Make.Noon.AddHours(2));
        var line = Assert.Single(end.Calendar);
        Assert.Equal((ChangeFreeze.Name, "root", "CVE in the old version", false), (line.Rule, line.Bypass!.By, line.Bypass.Reason, line.Blocks));
        Assert.Equal("root", Assert.Single(bench.Events(run).OfType<WindowBypassed>()).Actor);
        Assert.Contains(end.Steps.Single(s => s.Kind == StepKind.Switchover).Evidence, e => e is { Rule: ChangeFreeze.Name, Value: "bypassed by root" });
    }

    [Fact]
    public async Task Bypass_OfTheHandoverWindow_TakesAnAdminAReasonAndAWindow()
    {
        var (bench, plan) = await BenchAsync(frozen: false, new SafetySpec { HandoverWindow = new WindowSpec("30 20 * * *", TimeSpan.FromHours(2), "UTC") });
        await using var _ = bench;
        var run = Bench.Accepted(await bench.Rollouts.StartRunAsync(plan, Bench.Ann, Bench.Ct)).Id;
        var waiting = await bench.UntilAsync(run, v => v.Reason?.Rule == HandoverWindow.Name);
        Assert.Contains("waits for the handover window: opens 20:30 UTC (in 8 h", waiting.Reason!.Text, StringComparison.Ordinal);
        Assert.Equal("The handover window is closed; it opens 20:30 UTC.", Assert.Single(waiting.Calendar).Text);
        Assert.True(waiting.Calendar[0].Blocks);

        Assert.Equal(RefusalKind.Forbidden, (await bench.Rollouts.BypassWindowAsync(run, HandoverWindow.Name, "site down", Bench.Ann, Bench.Ct)).Refusal!.Kind);
        Assert.Equal("/rule", Assert.Single((await bench.Rollouts.BypassWindowAsync(run, "QuorumPreserved", "site down", Root, Bench.Ct)).Refusal!.Errors).Path);
        Assert.Equal("/reason", Assert.Single((await bench.Rollouts.BypassWindowAsync(run, HandoverWindow.Name, "", Root, Bench.Ct)).Refusal!.Errors).Path);
        Assert.Equal(RefusalKind.Conflict, (await bench.Rollouts.BypassWindowAsync(run, ChangeFreeze.Name, "site down", Root, Bench.Ct)).Refusal!.Kind);
        Bench.Accepted(await bench.Rollouts.BypassWindowAsync(run, HandoverWindow.Name, "site down", Root, Bench.Ct));
        Bench.Accepted(await bench.Rollouts.BypassWindowAsync(run, HandoverWindow.Name, "once more", Root, Bench.Ct));

        var end = await bench.EndAsync(run);
        Assert.Equal(RunState.Succeeded, end.State);
        Assert.True(bench.Time.GetUtcNow() < Make.Noon.AddHours(3));
        Assert.Equal("site down", Assert.Single(bench.Events(run).OfType<WindowBypassed>()).Comment);
    }
}
