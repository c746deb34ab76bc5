using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Execution;

/// <summary>The engine's own edge: roles, limits of tokens, and what is written down of both.</summary>
public sealed class AuthorityTests
{
    private static readonly Caller Limited = Bench.Ann with { Via = "token ci", Address = "10.0.0.7", Scope = new CallerScope(["elsewhere"], [], false) };
    private static readonly Caller Reader = Bench.Ann with { Scope = new CallerScope([], [], ReadOnly: true) };

    private static Bench TwoShards() => new(new ToyCluster(1, 2, 2, 0, null));

    [Fact]
    public async Task EveryCommand_WithATokenForOtherClustersOrForReading_IsForbidden()
    {
        await using var bench = await TwoShards().StartAsync();
        var run = await bench.RunAsync(gate: new GateSpec { Approvals = 1 });
        var view = await bench.UntilAsync(run, v => v.Gates.Any(g => g.State == GateState.Open));
        foreach (var caller in (Caller[])[Limited, Reader])
        {
            var refusals = new[]
            {
                (await bench.Rollouts.StartRunAsync(view.PlanId, caller, Bench.Ct)).Refusal,
                (await bench.Rollouts.PauseAsync(run, "x", caller, Bench.Ct)).Refusal,
                (await bench.Rollouts.ResumeAsync(run, "x", caller, Bench.Ct)).Refusal,
                (await bench.Rollouts.RetryAsync(run, "x", caller, Bench.Ct)).Refusal,
                (await bench.Rollouts.StopAfterMemberAsync(run, true, "x", caller, Bench.Ct)).Refusal,
                (await bench.Rollouts.AbortAsync(run, "x", caller, Bench.Ct)).Refusal,
                (await bench.Rollouts.ApproveAsync(run, view.Gates[0].Name, view.PlanHash, "x", caller, Bench.Ct)).Refusal,
                (await bench.Rollouts.RejectAsync(run, view.Gates[0].Name, view.PlanHash, "x", caller, Bench.Ct)).Refusal,
                (await bench.Rollouts.RollbackAsync(run, "x", caller, Bench.Ct)).Refusal,
                (await bench.Rollouts.ReleaseAsync(new ClusterKey("demo", "orders"), true, "x", caller, Bench.Ct)).Refusal,
            };
            Assert.All(refusals, r => Assert.Equal(RefusalKind.Forbidden, r!.Kind));
        }
        Assert.Equal(RefusalKind.Forbidden, (await bench.Rollouts.RollbackPreviewAsync(run, null, Limited, Bench.Ct)).Refusal!.Kind);
        Assert.Equal(RunState.Waiting, bench.Rollouts.GetRun(run)!.State);
    }

    [Fact]
    public async Task Reading_WithATokenForOtherClusters_ShowsNothing()
    {
        await using var bench = await TwoShards().StartAsync();
        var run = await bench.RunAsync(gate: new GateSpec { Approvals = 1 });
        await bench.UntilAsync(run, v => v.Gates.Any(g => g.State == GateState.Open));

        Assert.Empty(bench.Rollouts.Runs(Limited));
        Assert.Empty(bench.Rollouts.Clusters(Limited));
        Assert.Empty(bench.Rollouts.Approvals(Limited));
        Assert.Null(bench.Rollouts.GetRun(run, Limited));
        Assert.Null(await bench.Rollouts.GetPlanAsync(bench.Rollouts.GetRun(run)!.PlanId, Limited, Bench.Ct));
        var covered = Bench.Bob with { Scope = new CallerScope([], ["demo/orders"], false) };
        Assert.Empty(bench.Rollouts.Approvals(covered with { Scope = Limited.Scope }));
        Assert.Single(bench.Rollouts.Approvals(covered));
        Assert.NotNull(bench.Rollouts.GetRun(run, covered));
    }

    [Fact]
    public async Task Commands_AndForbiddenOnes_AreInTheAuditLogWithWhoHowAndWhy()
    {
        await using var bench = await TwoShards().StartAsync();
        var run = await bench.RunAsync(gate: new GateSpec { Approvals = 1 });
        var view = await bench.UntilAsync(run, v => v.Gates.Any(g => g.State == GateState.Open));
        var bob = Bench.Bob with { Via = "link", Address = "10.0.0.9" };
        bench.Rollouts.Saw(view, bob);
        bench.Rollouts.Saw(view, bob);
        bench.Rollouts.Saw(view, Bench.Vic);

        await bench.Rollouts.PauseAsync(run, "lunch", Bench.Vic, Bench.Ct);
        await bench.Rollouts.AbortAsync(run, "lunch", Limited, Bench.Ct);
        Assert.True((await bench.Rollouts.ApproveAsync(run, view.Gates[0].Name, view.PlanHash, "go", bob, Bench.Ct)).Ok);

        var log = (await bench.Audit.FindAsync(new AuditFilter(), null, 50, Bench.Ct)).Entries.Reverse().ToList();
        Assert.Equal(["start", "see", "pause", "abort", "approve"], log.Select(e => e.Action));
        Assert.Equal([false, false, true, true, false], log.Select(e => e.Refused));
        Assert.Equal(("bob", "link", "10.0.0.9", view.PlanHash), (log[1].Actor, log[1].Via, log[1].Address, log[1].PlanHash));
        Assert.Contains("takes the role operator", log[2].Reason, StringComparison.Ordinal);
        Assert.Equal(("ann", "token ci", "10.0.0.7", "demo/orders"), (log[3].Actor, log[3].Via, log[3].Address, log[3].Cluster));
        Assert.Equal(("bob", "link", $"run {run} gate {view.Gates[0].Name}", "go"), (log[4].Actor, log[4].Via, log[4].Object, log[4].Reason));
        Assert.True((await bench.Audit.VerifyAsync(null, Bench.Ct)).Sound);
    }

    [Fact]
    public async Task WhatSetsThingsInMotion_ForSomebodyWhomKubernetesWouldNotLet_IsForbidden_WhatStopsThemIsNot()
    {
        await using var bench = TwoShards();
        bench.Persons = new NobodyMay();
        await bench.StartAsync();
        var plan = Make.Plan(bench.Toy.Show(), gate: new GateSpec { Approvals = 1 }) with { Id = "p-by-hand", CreatedBy = "ann" };
        await bench.Journal.StorePlanAsync(plan);

        var refused = (await bench.Rollouts.StartRunAsync(plan.Id, Bench.Ann, Bench.Ct)).Refusal!;
        Assert.Equal((RefusalKind.Forbidden, "Kubernetes does not let ann."), (refused.Kind, refused.Message));

        var run = (await bench.Rollouts.StartRunAsync(plan.Id, Caller.System, Bench.Ct)).Value!.Id;
        Assert.True((await bench.Rollouts.PauseAsync(run, "look", Bench.Ann, Bench.Ct)).Ok);
        Assert.Equal(RefusalKind.Forbidden, (await bench.Rollouts.ResumeAsync(run, "go", Bench.Ann, Bench.Ct)).Refusal!.Kind);
        Assert.Equal(RefusalKind.Forbidden, (await bench.Rollouts.RetryAsync(run, "go", Bench.Ann, Bench.Ct)).Refusal!.Kind);
        Assert.Equal(RefusalKind.Forbidden, (await bench.Rollouts.RollbackAsync(run, "back", Bench.Ann, Bench.Ct)).Refusal!.Kind);
        Assert.Equal(RefusalKind.Forbidden, (await bench.Rollouts.ReleaseAsync(new ClusterKey("demo", "orders"), true, "x", Bench.Ann, Bench.Ct)).Refusal!.Kind);
        Assert.True((await bench.Rollouts.AbortAsync(run, "stop", Bench.Ann, Bench.Ct)).Ok);
        // Written in order through one writer: what stands before the abort is on disk with it.
        Assert.True(Assert.Single((await bench.Audit.FindAsync(new AuditFilter(Action: AuditActions.Start, Actor: "ann"), null, 10, Bench.Ct)).Entries).Refused);
    }

    private sealed class NobodyMay : IPersonAccess
    {
        public Task<Refusal?> CheckAsync(Caller caller, ClusterKey cluster, ClusterKind kind, CancellationToken ct) => Task.FromResult<Refusal?>(new Refusal(RefusalKind.Forbidden, $"Kubernetes does not let {caller.Name}."));
    }
}
