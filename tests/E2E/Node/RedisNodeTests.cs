using System.Collections.Immutable;
using System.Net;
using Rollcall.E2E.ControlPlane;
using Rollcall.E2E.Support;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.E2E.Node;

/// <summary>Real Redis in real containers: roles and lag by exec, switchover by the profile's CLUSTER FAILOVER, a client that writes all the time.</summary>
[Collection(NodeTests.Name)]
public sealed class RedisNodeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly RealNode _node;
    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-node-").FullName;

    public RedisNodeTests(RealNode node)
    {
        Assert.SkipWhen(node.SkipReason is not null, node.SkipReason ?? "");
        _node = node;
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(_folder, "rollcall.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Rollout_UnderWrites_LosesNothing_AndTakesLeadersLastWhereTheNativeOrderTakesThemFirst()
    {
        await using var redis = await RedisCluster.StartAsync(_node, "written");
        await redis.SlowAsync(seconds: 10);
        var epoch = await redis.EpochAsync();
        await using var pods = await redis.WatchAsync(Ct);
        RunView run;
        await using (var rollcall = await DashboardProcess.StartAsync(_node.Kubeconfig, Database, Ct))
        {
            await redis.Writer.StartAsync();
            run = await rollcall.Api.StartAsync(redis.Plan(RedisCluster.New), Ct);
            run = await rollcall.Api.SucceedsAsync(run.Id, Ct, Patience);
        }
        var ours = await redis.Writer.StopAsync();
        Writer.Report("Rollcall", ours);

        AssertLeadersLast(pods.Deletions);
        Assert.Equal((9, 3), (run.Totals.Updated, run.Totals.SwitchoversDone));
        Assert.Equal(3, await redis.EpochAsync() - epoch);
        Assert.All(ours, w => Assert.True(w is { Acknowledged: > 20, Lost: 0 }, $"{w}"));
        Assert.Contains("cluster_state:ok", await redis.RedisAsync("orders-a-0", "cluster", "info"), StringComparison.Ordinal);

        await redis.RollNativelyAsync(RedisCluster.Old);
        Writer.Report("StatefulSet controllers alone", await redis.Writer.StopAsync());
        var native = pods.Deletions[9..];
        Assert.Equal(9, native.Length);
        Assert.Equal(["orders-a-2", "orders-b-2", "orders-c-2"], native.GroupBy(d => d.Pod[..^2]).Select(shard => shard.First().Pod).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Rollout_ThatNeverStarts_IsTakenBack_AndOneToAnotherMajorKilledThreeTimes_EndsUndisturbed()
    {
        await using var redis = await RedisCluster.StartAsync(_node, "killed");
        var epoch = await redis.EpochAsync();
        await using (var pods = await redis.WatchAsync(Ct))
        await using (var rollcall = await DashboardProcess.StartAsync(_node.Kubeconfig, Database, Ct))
        {
            var bad = await rollcall.Api.StartAsync(redis.Plan("7.0.99-bad"), Ct);
            bad = await rollcall.Api.UntilAsync(bad.Id, RunState.Paused, Ct, Patience);
            var first = Assert.Single(pods.Deletions).Pod;
            Assert.Contains(first, bad.Reason!.Text, StringComparison.Ordinal);
            Assert.Matches("ImagePull", bad.Reason.Text);
            Assert.Contains("cluster_state:ok", await redis.RedisAsync("orders-a-2", "cluster", "info"), StringComparison.Ordinal);

            var back = await rollcall.Api.CommandAsync(bad.Id, "rollback", Ct);
            back = await rollcall.Api.SucceedsAsync(back.Id, Ct, Patience);
            Assert.Equal([first, first], pods.DeletedPods);
            Assert.Equal(0, back.Totals.SwitchoversDone);
            await pods.UntilAllReadyOnAsync($"local/redis:{RedisCluster.Old}", Ct);
        }
        Assert.Equal(epoch, await redis.EpochAsync());

        var seed = Random.Shared.Next();
        int[] moments = [.. Enumerable.Range(1, 8)];
        new Random(seed).Shuffle(moments);
        await using (var pods = await redis.WatchAsync(Ct))
        {
            string? run = null;
            foreach (var deletions in moments[..3].Order())
            {
                await using var rollcall = await DashboardProcess.StartAsync(_node.Kubeconfig, Database, Ct);
                run ??= (await rollcall.Api.StartAsync(redis.Plan(RedisCluster.Major), Ct)).Id;
                await pods.UntilDeletedAsync(deletions, Ct);
                await rollcall.KillAsync();
            }
            await using (var rollcall = await DashboardProcess.StartAsync(_node.Kubeconfig, Database, Ct))
            {
                var ended = await rollcall.Api.SucceedsAsync(run!, Ct, Patience);
                Assert.True(ended.Totals is { Updated: 9, SwitchoversDone: 3 }, $"seed {seed}: {ended.Totals}");

                // 7.0 cannot read what 8.0 has written: refused by either way, and nothing is touched.
                var (status, why) = await rollcall.Api.RefusedCommandAsync(ended.Id, "rollback", Ct);
                Assert.Equal(HttpStatusCode.Conflict, status);
                Assert.Contains("into a new cluster, or roll forward", why, StringComparison.Ordinal);
                (status, _) = await rollcall.Api.RefusedToStoreAsync(redis.Plan(RedisCluster.Old), Ct);
                Assert.Equal(HttpStatusCode.BadRequest, status);
            }
            AssertLeadersLast(pods.Deletions);
            await pods.UntilAllReadyOnAsync($"local/redis:{RedisCluster.Major}", Ct);
        }
        Assert.Equal(3, await redis.EpochAsync() - epoch);
    }

    /// <summary>Nine members once each, shard by shard, each when all others were Ready, and in every shard the one that led at the start last.</summary>
    private static void AssertLeadersLast(ImmutableArray<Deletion> deletions)
    {
        Assert.Equal(9, deletions.Select(d => d.Pod).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(9, deletions.Length);
        Assert.All(deletions, d => Assert.Empty(d.Unready));
        Assert.Equal(["orders-a-2", "orders-b-2", "orders-c-2"], deletions.Where((_, i) => i % 3 == 2).Select(d => d.Pod));
    }
}
