using System.Text.Json.Nodes;
using Rollcall.E2E.ControlPlane;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.E2E.Simulator;

/// <summary>Clusters of several components under the real engine: the order of components, leaders last, and no more hand-overs than leaders.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class SeveralComponentsTests
{
    private const double Speed = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ShardedMongoDb_GoesConfigServersShardsRouters_WithOneStepDownPerReplicaSet()
    {
        await using var simulated = await SimulatedRollcall.StartAsync("documents", Speed, "catalog", members: 11, Ct);

        var run = await simulated.Api.StartAsync(Plan("catalog", "8.0.4", "config-server", "shard", "mongos"), Ct);
        run = await ThroughItsGatesAsync(simulated, run);

        Assert.Equal((11, 3), (run.Totals.Updated, run.Totals.SwitchoversDone));
        await simulated.Pods.UntilAllReadyOnAsync("mongo:8.0.4", Ct);
        var order = simulated.Pods.DeletedPods;
        Assert.Equal(11, order.Length);
        // The old primary of each set is the last of it.
        Assert.Equal("catalog-config-2", order[2]);
        Assert.All(order[..3], pod => Assert.StartsWith("catalog-config-", pod, StringComparison.Ordinal));
        Assert.All(order[3..9], pod => Assert.StartsWith("catalog-shard-", pod, StringComparison.Ordinal));
        Assert.All(order[9..], pod => Assert.StartsWith("catalog-mongos-", pod, StringComparison.Ordinal));
        Assert.Equal("catalog-shard-a-1", order[3..9].Last(p => p.StartsWith("catalog-shard-a-", StringComparison.Ordinal)));
        Assert.Equal("catalog-shard-b-0", order[3..9].Last(p => p.StartsWith("catalog-shard-b-", StringComparison.Ordinal)));
        Assert.All(simulated.Pods.Deletions, d => Assert.Empty(d.Unready));
        // One election for the start, one for the step-down; the feature version is still the old one; chunks move again.
        foreach (var pod in (string[])["catalog-config-0", "catalog-shard-a-0", "catalog-shard-b-1"])
        {
            var said = JsonNode.Parse(await MongoAsync(simulated, pod, "print(EJSON.stringify({ term: rs.status().term, fcv: db.adminCommand({ getParameter: 1, featureCompatibilityVersion: 1 }).featureCompatibilityVersion.version }))"))!;
            Assert.Equal((2, "7.0"), ((int)said["term"]!, (string)said["fcv"]!));
        }
        Assert.Equal("true\n", await MongoAsync(simulated, "catalog-mongos-0", "sh.getBalancerState()"));
        Assert.All(run.Obligations, o => Assert.True(o.Returned, o.Object));
    }

    [Fact]
    public async Task ShardedMongoDb_VersionThatNeverStarts_HaltsAtTheFirstConfigServer_AndOneRollbackHeals()
    {
        await using var simulated = await SimulatedRollcall.StartAsync("documents", Speed, "catalog", members: 11, Ct);

        var run = await simulated.Api.StartAsync(Plan("catalog", "8.2.0-bad", "config-server", "shard", "mongos"), Ct);
        run = await simulated.Api.UntilAsync(run.Id, "it waits or halts", r => r.State == RunState.Paused || r.Gates.Any(g => g.State is GateState.Open), Ct);
        if (run.State != RunState.Paused)
            await simulated.Api.ApproveAsync(run, Ct);
        run = await simulated.Api.UntilAsync(run.Id, RunState.Paused, Ct);
        var first = Assert.Single(simulated.Pods.DeletedPods);
        Assert.StartsWith("catalog-config-", first, StringComparison.Ordinal);
        Assert.Matches("ImagePullBackOff|ErrImagePull", run.Reason!.Text);

        var back = await simulated.Api.CommandAsync(run.Id, "rollback", Ct);
        await simulated.Api.SucceedsAsync(back.Id, Ct, Patience);

        Assert.Equal([first, first], simulated.Pods.DeletedPods);
        await simulated.Pods.UntilAllReadyOnAsync("mongo:7.0.14", Ct);
        Assert.Equal("true\n", await MongoAsync(simulated, "catalog-mongos-0", "sh.getBalancerState()"));
    }

    [Fact]
    public async Task Kafka_GoesControllersThenBrokers_ActiveControllerLast_AndNoPartitionFallsBelowItsMinimum()
    {
        await using var simulated = await SimulatedRollcall.StartAsync("documents", Speed, "events", members: 6, Ct);

        var run = await simulated.Api.StartAsync(Plan("events", "4.0.0", "controller", "broker"), Ct);
        run = await ThroughItsGatesAsync(simulated, run);

        Assert.Equal(6, run.Totals.Updated);
        await simulated.Pods.UntilAllReadyOnAsync("kafka:4.0.0", Ct);
        var order = simulated.Pods.DeletedPods;
        Assert.Equal(6, order.Length);
        Assert.Equal("events-controller-1", order[2]);
        Assert.All(order[..3], pod => Assert.StartsWith("events-controller-", pod, StringComparison.Ordinal));
        Assert.All(order[3..], pod => Assert.StartsWith("events-broker-", pod, StringComparison.Ordinal));
        Assert.All(simulated.Pods.Deletions, d => Assert.Empty(d.Unready));
        var status = await simulated.ExecAsync("events-broker-0", Ct, "/opt/kafka/bin/kafka-metadata-quorum.sh", "--bootstrap-server", "localhost:9092", "describe", "--status");
        Assert.Contains("LeaderEpoch:            2\n", status, StringComparison.Ordinal);
        var features = await simulated.ExecAsync("events-broker-0", Ct, "/opt/kafka/bin/kafka-features.sh", "--bootstrap-server", "localhost:9092", "describe");
        Assert.Contains("FinalizedVersionLevel: 3.9-IV0", features, StringComparison.Ordinal);
    }

    /// <summary>Approves whatever is asked for until the run has succeeded.</summary>
    private static async Task<RunView> ThroughItsGatesAsync(SimulatedRollcall simulated, RunView run)
    {
        while (true)
        {
            run = await simulated.Api.UntilAsync(run.Id, "a gate is open, or it has ended or stopped", r => r.Terminal || r.State == RunState.Paused || r.Gates.Any(g => g.State is GateState.Open), Ct, Patience);
            if (run.Terminal || run.State == RunState.Paused)
                return await simulated.Api.SucceedsAsync(run.Id, Ct);
            run = await simulated.Api.ApproveAsync(run, Ct);
        }
    }

    private static Task<string> MongoAsync(SimulatedRollcall simulated, string pod, string script) => simulated.ExecAsync(pod, Ct, "mongosh", "--quiet", "--norc", "--eval", script);

    private static string Plan(string cluster, string version, params string[] components) => $$"""
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: {{cluster}}-{{version.Replace('.', '-')}}, namespace: {{SimulatedRollcall.Space}} }
        spec:
          target: { kind: StatefulSetGroup, name: {{cluster}} }
          changes: [{{string.Join(", ", components.Select(c => $"{{ component: {c}, serviceVersion: {version} }}"))}}]
        """;
}
