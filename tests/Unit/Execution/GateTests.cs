using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Execution;

/// <summary>Gates through the engine's edge: who counts, who does not, and what is written down.</summary>
public sealed class GateTests
{
    private static readonly Caller Root = new("root", [Caller.Admin], []);

    private static async Task<(Bench Bench, string Run, GateView Gate, string Hash)> AtGateAsync(GateSpec gate, bool selfApproval = false)
    {
        var bench = new Bench(new ToyCluster(1, 2, 2, 0, null));
        bench.Options.AllowSelfApproval = selfApproval;
        await bench.StartAsync();
        var run = await bench.RunAsync(gate: gate);
        var view = await bench.UntilAsync(run, v => v.Gates.Any(g => g.State == GateState.Open));
        return (bench, run, view.Gates[0], view.PlanHash);
    }

    [Fact]
    public async Task Approve_ByWhoMadeAndStartedIt_IsForbiddenAndSaysWhoMay()
    {
        var (bench, run, gate, hash) = await AtGateAsync(new GateSpec { Approvals = 2, Groups = ["dba"] });
        await using var _ = bench;

        var refused = (await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "", Bench.Ann with { Name = "ANN" }, Bench.Ct)).Refusal!;

        Assert.Equal(RefusalKind.Forbidden, refused.Kind);
        Assert.Contains("made the plan and started the run", refused.Message, StringComparison.Ordinal);
        Assert.Contains("2 approvals are missing, one from dba: anybody with the role approver may give them, except ann.", refused.Message, StringComparison.Ordinal);
        Assert.Empty(bench.View(run).Gates[0].Approvals);
        Assert.Empty(bench.Rollouts.Approvals(Bench.Ann));
        Assert.Single(bench.Rollouts.Approvals(Bench.Bob));
    }

    [Fact]
    public async Task Reject_ByWhoMadeIt_IsTaken()
    {
        var (bench, run, gate, hash) = await AtGateAsync(new GateSpec());
        await using var _ = bench;

        Bench.Accepted(await bench.Rollouts.RejectAsync(run, gate.Name, hash, "my mistake", Bench.Ann, Bench.Ct));

        Assert.Equal(("ann", "my mistake"), (bench.View(run).Gates[0].Rejection!.By, bench.View(run).Gates[0].Rejection!.Comment));
    }

    [Fact]
    public async Task Approve_OwnRunWhereThatIsAllowed_CountsAndIsMarked()
    {
        var (bench, run, gate, hash) = await AtGateAsync(new GateSpec(), selfApproval: true);
        await using var _ = bench;

        Bench.Accepted(await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "", Bench.Ann, Bench.Ct));

        Assert.True(Assert.Single(bench.View(run).Gates[0].Approvals).Self);
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
    }

    [Fact]
    public async Task Approve_OutsideTheGroupsThatCount_IsForbiddenAndNamesThem()
    {
        var (bench, run, gate, hash) = await AtGateAsync(new GateSpec { From = ["sre"] });
        await using var _ = bench;

        var refused = (await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "", Bench.Bob, Bench.Ct)).Refusal!;
        Assert.Equal(RefusalKind.Forbidden, refused.Kind);
        Assert.Contains("Only people in sre count at this gate; bob is in dba.", refused.Message, StringComparison.Ordinal);
        Bench.Accepted(await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "", new Caller("sue", [Caller.Approver], ["sre", "web"]), Bench.Ct));
        Assert.Equal("sre", bench.View(run).Gates[0].Approvals[0].Group);
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
    }

    [Fact]
    public async Task Approve_QuorumOfTwoWithARequiredGroup_WaitsForTheGroupHoweverManyApprove()
    {
        var (bench, run, gate, hash) = await AtGateAsync(new GateSpec { Approvals = 2, Groups = ["dba"], From = ["dba", "sre"] });
        await using var _ = bench;

        foreach (var name in (string[])["sue", "sam", "sid"])
            Bench.Accepted(await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "", new Caller(name, [Caller.Approver], ["sre"]), Bench.Ct));
        var open = bench.View(run).Gates[0];
        Assert.Equal((GateState.Open, 3, "dba"), (open.State, open.Given, Assert.Single(open.MissingGroups)));
        Bench.Accepted(await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "", Bench.Bob, Bench.Ct));
        Assert.Equal(GateState.Approved, (await bench.EndAsync(run)).Gates[0].State);
    }

    [Fact]
    public async Task Reject_ThenRetry_AsksFromNothingAndShowsTheOldApprovalAsVoid()
    {
        var (bench, run, gate, hash) = await AtGateAsync(new GateSpec { Approvals = 2 });
        await using var _ = bench;
        Bench.Accepted(await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "", Bench.Bob, Bench.Ct));
        Bench.Accepted(await bench.Rollouts.RejectAsync(run, gate.Name, hash, "not today", new Caller("cat", [Caller.Approver], []), Bench.Ct));
        await bench.UntilAsync(run, v => v.State == RunState.Paused);

        Bench.Accepted(await bench.Rollouts.RetryAsync(run, "", Bench.Ann, Bench.Ct));

        var again = (await bench.UntilAsync(run, v => v.Gates[0].State == GateState.Open)).Gates[0];
        var old = Assert.Single(again.Approvals);
        Assert.True(old.Void);
        Assert.Contains("cat rejected", old.VoidWhy, StringComparison.Ordinal);
        Assert.Equal(0, again.Given);
        Bench.Accepted(await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "now", Bench.Bob, Bench.Ct));
        Assert.Equal(1, bench.View(run).Gates[0].Given);
    }

    [Fact]
    public async Task Claim_IsSeenByOthersAndEndsWithTheDecision()
    {
        var (bench, run, gate, hash) = await AtGateAsync(new GateSpec { Approvals = 2 });
        await using var _ = bench;

        Bench.Accepted(await bench.Rollouts.ClaimAsync(run, gate.Name, true, Bench.Bob, Bench.Ct));
        Bench.Accepted(await bench.Rollouts.ClaimAsync(run, gate.Name, true, Bench.Bob, Bench.Ct));
        Assert.Equal("bob", Assert.Single(bench.View(run).Gates[0].Claims).By);
        Bench.Accepted(await bench.Rollouts.ClaimAsync(run, gate.Name, false, Bench.Bob, Bench.Ct));
        Assert.Empty(bench.View(run).Gates[0].Claims);
        Bench.Accepted(await bench.Rollouts.ClaimAsync(run, gate.Name, true, Bench.Bob, Bench.Ct));
        Bench.Accepted(await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "", Bench.Bob, Bench.Ct));
        Assert.Empty(bench.View(run).Gates[0].Claims);
        Assert.Equal(["bob", "bob", "bob"], bench.Events(run).Where(e => e is GateClaimed or GateUnclaimed).Select(e => e.Actor));
    }

    [Fact]
    public async Task Comment_StandsInTheThread_AndEmptyOrByAViewerIsRefused()
    {
        var (bench, run, gate, _) = await AtGateAsync(new GateSpec());
        await using var __ = bench;

        Bench.Accepted(await bench.Rollouts.CommentAsync(run, gate.Name, "  is the backup fresh?  ", Bench.Bob, Bench.Ct));
        Bench.Accepted(await bench.Rollouts.CommentAsync(run, gate.Name, "from 03:00", new Caller("olaf", [Caller.Operator], []), Bench.Ct));

        Assert.Equal([("bob", "is the backup fresh?"), ("olaf", "from 03:00")], bench.View(run).Gates[0].Comments.Select(c => (c.By, c.Text)));
        Assert.Equal(RefusalKind.Invalid, (await bench.Rollouts.CommentAsync(run, gate.Name, " ", Bench.Bob, Bench.Ct)).Refusal!.Kind);
        Assert.Equal(RefusalKind.Forbidden, (await bench.Rollouts.CommentAsync(run, gate.Name, "me too", Bench.Vic, Bench.Ct)).Refusal!.Kind);
    }

    [Fact]
    public async Task Bypass_ByAnAdminWithAReason_LetsTheRunGoOnAndStaysSaid()
    {
        var (bench, run, gate, hash) = await AtGateAsync(new GateSpec { Approvals = 3, Groups = ["dba"] });
        await using var _ = bench;

        Assert.Equal(RefusalKind.Forbidden, (await bench.Rollouts.BypassAsync(run, gate.Name, hash, "site down", Bench.Bob, Bench.Ct)).Refusal!.Kind);
        Assert.Equal(RefusalKind.Invalid, (await bench.Rollouts.BypassAsync(run, gate.Name, hash, " ", Root, Bench.Ct)).Refusal!.Kind);
        Assert.Equal(RefusalKind.Conflict, (await bench.Rollouts.BypassAsync(run, gate.Name, "another", "site down", Root, Bench.Ct)).Refusal!.Kind);
        Bench.Accepted(await bench.Rollouts.BypassAsync(run, gate.Name, hash, "site down, nobody answers", Root, Bench.Ct));

        var end = await bench.EndAsync(run);
        Assert.Equal((RunState.Succeeded, GateState.Bypassed), (end.State, end.Gates[0].State));
        Assert.Equal(("root", "site down, nobody answers"), (end.Gates[0].Bypass!.By, end.Gates[0].Bypass!.Reason));
        Assert.Contains("Bypassed by root", end.Steps.Single(s => s.Kind == StepKind.Gate).Reason!.Text, StringComparison.Ordinal);
        Assert.Equal("root", Assert.Single(bench.Events(run).OfType<GateBypassed>()).Actor);
    }

    [Theory]
    [InlineData("hold", RunState.Paused)]
    [InlineData("reject", RunState.Paused)]
    [InlineData("abort", RunState.Aborted)]
    [InlineData("rollback", RunState.Aborted)]
    public async Task Deadline_Passed_DoesWhatThePlanSaysOnce(string outcome, RunState state)
    {
        var (bench, run, _, _) = await AtGateAsync(new GateSpec { Deadline = TimeSpan.FromMinutes(10), Remind = TimeSpan.FromMinutes(2), OnDeadline = outcome });
        await using var __ = bench;

        var end = await bench.UntilAsync(run, v => v.State == state);

        Assert.Equal(outcome, Assert.Single(bench.Events(run).OfType<GateExpired>()).Outcome);
        Assert.Single(bench.Events(run).OfType<GateReminded>());
        Assert.Equal(outcome == "reject" ? GateState.Rejected : GateState.Open, end.Gates[0].State);
        Assert.Equal(outcome == "rollback", end.RolledBackBy is not null);
    }

    [Fact]
    public async Task Deadline_AfterRetry_CountsAnewAndKeepsWhatWasGiven()
    {
        var (bench, run, gate, hash) = await AtGateAsync(new GateSpec { Approvals = 2, Deadline = TimeSpan.FromMinutes(10) });
        await using var _ = bench;
        Bench.Accepted(await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "", Bench.Bob, Bench.Ct));
        await bench.UntilAsync(run, v => v.State == RunState.Paused);

        Bench.Accepted(await bench.Rollouts.RetryAsync(run, "", Bench.Ann, Bench.Ct));

        var waiting = await bench.UntilAsync(run, v => v.State == RunState.Waiting);
        Assert.True(waiting.Gates[0].Deadline > bench.Time.GetUtcNow().AddMinutes(9));
        Assert.Equal(1, waiting.Gates[0].Given);
        await bench.UntilAsync(run, v => v.State == RunState.Paused);
        Assert.Equal(2, bench.Events(run).OfType<GateExpired>().Count());
    }

    [Fact]
    public async Task Invitation_IsUsedOnceUnderThePersonsName()
    {
        var (bench, run, gate, hash) = await AtGateAsync(new GateSpec { Approvals = 2, Groups = ["dba"] });
        await using var _ = bench;
        var made = Bench.Accepted(await bench.Rollouts.InviteAsync(run, gate.Name, "Dora", ["dba"], TimeSpan.FromHours(1), Root, Bench.Ct));

        Assert.Equal("open", bench.Rollouts.Invited(run, gate.Name, made.Id).Value.Invitation.State);
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(i => Task.Run(() => bench.Rollouts.DecideByInvitationAsync(run, gate.Name, made.Id, true, hash, "", Bench.Ct))));

        Assert.Single(both, r => r.Ok);
        Assert.Contains("once", Assert.Single(both, r => !r.Ok).Refusal!.Message, StringComparison.Ordinal);
        var approval = Assert.Single(bench.View(run).Gates[0].Approvals);
        Assert.Equal(("Dora", "dba", true), (approval.By, approval.Group, approval.ByLink));
        Assert.Equal("used", bench.View(run).Gates[0].Invitations[0].State);
    }

    [Fact]
    public async Task Invitation_ExpiredRevokedOrForAnInsider_IsWorthNothing()
    {
        var (bench, run, gate, hash) = await AtGateAsync(new GateSpec());
        await using var _ = bench;

        Assert.Equal(RefusalKind.Forbidden, (await bench.Rollouts.InviteAsync(run, gate.Name, "dora", [], TimeSpan.FromHours(1), Bench.Ann, Bench.Ct)).Refusal!.Kind);
        Assert.Contains("made the plan", (await bench.Rollouts.InviteAsync(run, gate.Name, "Ann", [], TimeSpan.FromHours(1), Root, Bench.Ct)).Refusal!.Message, StringComparison.Ordinal);
        var late = Bench.Accepted(await bench.Rollouts.InviteAsync(run, gate.Name, "dora", [], TimeSpan.FromMinutes(1), Root, Bench.Ct));
        var back = Bench.Accepted(await bench.Rollouts.InviteAsync(run, gate.Name, "dirk", [], TimeSpan.FromHours(1), Root, Bench.Ct));
        Bench.Accepted(await bench.Rollouts.RevokeInvitationAsync(run, gate.Name, back.Id, Root, Bench.Ct));
        bench.Pass(TimeSpan.FromMinutes(2));

        Assert.Contains("expired", (await bench.Rollouts.DecideByInvitationAsync(run, gate.Name, late.Id, true, hash, "", Bench.Ct)).Refusal!.Message, StringComparison.Ordinal);
        Assert.Contains("taken back", (await bench.Rollouts.DecideByInvitationAsync(run, gate.Name, back.Id, true, hash, "", Bench.Ct)).Refusal!.Message, StringComparison.Ordinal);
        Assert.Equal(RefusalKind.NotFound, (await bench.Rollouts.DecideByInvitationAsync(run, gate.Name, "i-none", true, hash, "", Bench.Ct)).Refusal!.Kind);
        Assert.Empty(bench.View(run).Gates[0].Approvals);
    }
}
