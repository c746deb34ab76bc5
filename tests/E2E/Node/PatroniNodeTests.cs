using Rollcall.E2E.ControlPlane;
using Rollcall.E2E.Support;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.E2E.Node;

/// <summary>Real PostgreSQL under Patroni: roles and lag asked over psql in the Pods, switchover by patronictl, a client that writes all the time.</summary>
[Collection(NodeTests.Name)]
public sealed class PatroniNodeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly RealNode _node;
    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-node-").FullName;

    public PatroniNodeTests(RealNode node)
    {
        Assert.SkipWhen((node.SkipReason ?? PatroniCluster.SkipReason) is not null, node.SkipReason ?? PatroniCluster.SkipReason ?? "");
        _node = node;
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Rollout_WhileAReplicaIsHeldBack_WaitsSaysWhyAndGoesOnWhenItHasCaughtUp()
    {
        await using var billing = await PatroniCluster.StartAsync(_node, "billing");
        await using var pods = await billing.WatchAsync(Ct);
        string[] members = ["pg-0", "pg-1", "pg-2"];
        var leads = await Task.WhenAll(members.Select(billing.LeadsAsync));
        var primary = members[Array.IndexOf(leads, true)];
        await billing.SqlAsync(primary, "checkpoint");
        var timeline = await billing.TimelineAsync(primary);
        await billing.Writer.StartAsync();
        await billing.HoldReplicasBackAsync(primary);
        foreach (var replica in members.Where(m => m != primary))
            await Poll.UntilAsync($"{replica} is held back", Patience, () => billing.SqlAsync(replica, "show recovery_min_apply_delay"), delay => delay == "10min", delay => delay, Ct);
        await billing.SqlAsync(primary, "create table bulk as select repeat(md5(i::text), 50) from generate_series(1, 8000) i");

        await using var rollcall = await DashboardProcess.StartAsync(_node.Kubeconfig, Path.Combine(_folder, "rollcall.db"), Ct);
        var run = await rollcall.Api.StartAsync(billing.Plan, Ct);
        run = await rollcall.Api.UntilAsync(run.Id, "waits for a replica", r => r.Reason is { } why && why.Text.Contains(" MiB behind", StringComparison.Ordinal), Ct, Patience);
        TestContext.Current.TestOutputHelper?.WriteLine($"{run.State}: {run.Reason!.Text} After the deletions: {string.Join(", ", pods.DeletedPods)}");
        Assert.DoesNotContain(primary, pods.DeletedPods);
        Assert.Contains(members, m => m != primary && run.Reason!.Text.StartsWith(m, StringComparison.Ordinal));
        Assert.Equal(0, run.Totals.SwitchoversDone);

        await billing.LetReplicasCatchUpAsync(primary);
        run = await rollcall.Api.SucceedsAsync(run.Id, Ct, Patience);
        var written = await billing.Writer.StopAsync();
        Writer.Report("Rollcall", written);

        Assert.Equal((3, 1), (run.Totals.Updated, run.Totals.SwitchoversDone));
        Assert.Equal(3, pods.DeletedPods.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(3, pods.DeletedPods.Length);
        Assert.Equal(primary, pods.DeletedPods[^1]);
        Assert.All(pods.Deletions, d => Assert.Empty(d.Unready));
        Assert.All(written, w => Assert.True(w is { Acknowledged: > 20, Lost: 0 }, $"{w}"));
        leads = await Task.WhenAll(members.Select(billing.LeadsAsync));
        primary = members[Array.IndexOf(leads, true)];
        await billing.SqlAsync(primary, "checkpoint");
        Assert.Equal(timeline + 1, await billing.TimelineAsync(primary));
        await pods.UntilAllReadyOnAsync($"local/patroni:{PatroniCluster.New}", Ct);
    }
}
