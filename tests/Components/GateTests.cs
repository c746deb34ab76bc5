using Rollcall.Shared;
using Rollcall.Web.Model.Watching;
using Xunit;

namespace Rollcall.Components;

public sealed class GateStandingTests
{
    [Fact]
    public void Of_OneOfTwoWithAGroupMissing_NamesBoth()
    {
        var standing = GateStanding.Of(Samples.Gate(groups: ["dba"], approvals: Samples.Approval("olaf", "sre")), Samples.Approver("ann", "dba"), readOnly: false);

        Assert.Equal("1 of 2, needs dba", standing.Progress);
        Assert.True(standing.CanDecide);
    }

    [Fact]
    public void Of_ApprovalToAnotherPlan_DoesNotCount()
    {
        var standing = GateStanding.Of(Samples.Gate(approvals: Samples.Approval("olaf", @void: true)), Samples.Approver(), readOnly: false);

        Assert.Equal(0, standing.Given);
    }

    [Fact]
    public void Of_SamePersonTwice_CountsOnce()
    {
        var standing = GateStanding.Of(Samples.Gate(approvals: [Samples.Approval("ann"), Samples.Approval("ann", "dba")]), Samples.Approver("ann"), readOnly: false);

        Assert.Equal(1, standing.Given);
        Assert.StartsWith("You have approved; one person counts once. 1 approval is missing", standing.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_OnlyAMissingGroupWouldHelp_RefusesOthersAndSaysWhich()
    {
        var gate = Samples.Gate(groups: ["dba"], approvals: Samples.Approval("olaf", "sre"));

        Assert.Contains("dba", GateStanding.Of(gate, Samples.Approver("ann", "sre"), readOnly: false).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhoMadeThePlan_IsRefusedByNameAndTheOthersAreNamed()
    {
        var gate = Samples.Gate(groups: ["dba"]) with { Insiders = [new GateInsider("ann", "made the plan")] };

        var standing = GateStanding.Of(gate, Samples.Approver("Ann", "dba"), readOnly: false);

        Assert.Equal("Ann made the plan and may not approve it as well. 2 approvals are missing, one from dba: anybody with the role approver may give them, except ann.", standing.Refusal);
        Assert.True(standing.MayReject);
        Assert.True(GateStanding.Of(gate, Samples.Approver("bob", "dba"), readOnly: false).CanDecide);
    }

    [Fact]
    public void Of_SelfApprovalAllowed_DecidesAndSaysThatThisIsSpecial()
    {
        var gate = Samples.Gate() with { Insiders = [new GateInsider("ann", "started the run")], SelfApproval = true };

        var standing = GateStanding.Of(gate, Samples.Approver("ann"), readOnly: false);

        Assert.True(standing.CanDecide);
        Assert.Contains("elsewhere somebody else has to", standing.SelfNote, StringComparison.Ordinal);
        Assert.Null(GateStanding.Of(gate, Samples.Approver("bob"), readOnly: false).SelfNote);
    }

    [Theory]
    [InlineData(GateState.Bypassed)]
    [InlineData(GateState.Pending)]
    [InlineData(GateState.Approved)]
    [InlineData(GateState.Rejected)]
    public void Of_GateNotOpen_NobodyDecides(GateState state) => Assert.False(GateStanding.Of(Samples.Gate(state), Samples.Approver(), readOnly: false).CanDecide);

    [Fact]
    public void Of_ViewerOrReadOnly_Refused()
    {
        Assert.False(GateStanding.Of(Samples.Gate(), Samples.Viewer, readOnly: false).CanDecide);
        Assert.False(GateStanding.Of(Samples.Gate(), Samples.Approver(), readOnly: true).CanDecide);
    }
}

public sealed class GateScopeTests
{
    [Fact]
    public void Of_GateBeforeTheLastStage_CoversEverythingAfterIt()
    {
        var gate = Samples.Gate();
        var scope = GateScope.Of(Samples.Run(gate: gate), gate);

        Assert.Equal((2, 1, true), (scope.Members, scope.Switchovers, scope.ToTheEnd));
        Assert.Equal("2 members replaced and 1 switchover in b, about 31 s, then control is given back.", scope.Sentence());
        Assert.Contains("L1", scope.Risk(null), StringComparison.Ordinal);
        Assert.StartsWith("No rollback: a was switched over.", scope.Risk(new RollbackOutlook(false, "No rollback: a was switched over.", 2, 1, ["a"], null)), StringComparison.Ordinal);
    }
}
