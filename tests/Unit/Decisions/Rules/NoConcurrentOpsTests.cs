using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class NoConcurrentOpsTests
{
    [Theory]
    [InlineData("Running", null, false)]
    [InlineData("Pending", null, false)]
    [InlineData("Cancelling", null, false)]
    [InlineData("", null, false)]
    [InlineData("Running", "r1", true)]
    [InlineData("Running", "r0", false)]
    [InlineData("Succeed", null, true)]
    [InlineData("Failed", null, true)]
    [InlineData("Aborted", null, true)]
    [InlineData("Cancelled", null, true)]
    public void Check_OperationOnTheCluster_OursOrEndedAllows(string phase, string? run, bool allows)
    {
        var bench = new ShardBench();
        bench.Topology = bench.Topology with { Operations = [new Operation("backup-1", "Backup", phase, run, null)] };

        var verdict = NoConcurrentOps.Check(bench.Context.State);

        Assert.Equal(allows, verdict.Allows);
        if (!allows)
        {
            Assert.Equal($"Backup backup-1 is {phase} on this cluster; nothing starts beside it.", verdict.Reason!.Text);
            Assert.Equal("API server", Assert.Single(verdict.Reason.Evidence).Source);
        }
    }

    [Fact]
    public void Check_OperationOfTheRunThatIsTakenBack_IsOurs()
    {
        var bench = new ShardBench();
        bench.Topology = bench.Topology with { Operations = [new Operation("switch-1", "Switchover", "Running", "r0", "redis.shard-a.switchover")] };
        bench.Plan = bench.Plan with { RollbackOf = "r0" };

        Assert.True(NoConcurrentOps.Check(bench.Context.State).Allows);
    }
}
