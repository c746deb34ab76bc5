using System.Collections.Immutable;
using k8s.Models;
using Rollcall.Engine.Kubernetes.Mapping;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

public sealed class KubeBlocksMappingTests
{
    private const string Spec = """
        "shardings":[{"name":"shard","shards":2,"template":{"name":"redis","componentDef":"redis-cluster-7","serviceVersion":"7.2.4","replicas":3 STRATEGY}}],
        "componentSpecs":[{"name":"proxy","componentDef":"proxy-1","serviceVersion":"1.0.0","replicas":1}]
        """;

    private static string Cluster(string strategy = "", string metadata = "") =>
        $$"""{"metadata":{"namespace":"demo","name":"sessions","uid":"u","generation":4 {{metadata}}},"spec":{ {{Spec.Replace("STRATEGY", strategy, StringComparison.Ordinal)}} },"status":{"shardings":{"shard":{"phase":"Running"} } } }""";

    private static string Component(string name, string extra = "", string version = "7.2.4", int generation = 4) =>
        $$"""{"metadata":{"namespace":"demo","name":"sessions-{{name}}","generation":2,"labels":{"app.kubernetes.io/instance":"sessions","apps.kubeblocks.io/component-name":"{{name}}" {{extra}} },"annotations":{"kubeblocks.io/generation":"{{generation}}"} },"spec":{"compDef":"redis-cluster-7","serviceVersion":"{{version}}"} }""";

    private static string Set(string name, string strategy = "", string image = "redis:7.2.4") =>
        $$"""{"metadata":{"namespace":"demo","name":"sessions-{{name}}","generation":7,"annotations":{"kubeblocks.io/generation":"2"} },"spec":{"replicas":3 {{strategy}},"template":{"spec":{"containers":[{"name":"redis","image":"{{image}}"},{"name":"kbagent","image":"tools:1"}]} } },"status":{"observedGeneration":7} }""";

    private static V1Pod Pod(string shard, int ordinal, string role, string version = "7.2.4", string image = "redis:7.2.4", string? running = null) => Given.Pod($"sessions-{shard}-{ordinal}", "same", p =>
    {
        p.Metadata.Labels["apps.kubeblocks.io/component-name"] = shard;
        p.Metadata.Labels["apps.kubeblocks.io/service-version"] = version;
        p.Metadata.Labels["app.kubernetes.io/component"] = "redis-cluster-7";
        p.Metadata.Labels["kubeblocks.io/role"] = role;
        p.Spec.Containers = [new V1Container { Name = "redis", Image = image }, new V1Container { Name = "kbagent", Image = "tools:1" }];
        p.Status.ContainerStatuses = [Given.Running("redis", Given.Noon.AddSeconds(-9)), Given.Running("kbagent", Given.Noon.AddSeconds(-9))];
        p.Status.ContainerStatuses[0].Image = running ?? image;
    });

    private static TopologySnapshot Map(string cluster, IReadOnlyCollection<V1Pod>? pods = null, string strategy = "", int generation = 4, params string[] operations) => KubeBlocksMapping.Map(new KubeBlocksInput(Given.Object(cluster), Given.Redis)
    {
        Components = [Given.Object(Component("shard-abc", ",\"apps.kubeblocks.io/sharding-name\":\"shard\"", generation: generation)), Given.Object(Component("shard-xyz", ",\"apps.kubeblocks.io/sharding-name\":\"shard\"", generation: generation))],
        InstanceSets = [Given.Object(Set("shard-abc", strategy)), Given.Object(Set("shard-xyz", strategy))],
        Pods = pods ?? [Pod("shard-abc", 0, "primary"), Pod("shard-abc", 1, "secondary"), Pod("shard-abc", 2, "secondary")],
        Operations = [.. operations.Select(Given.Object)],
        Definitions = [Given.Object("""{"metadata":{"name":"redis-cluster-7"}}"""), Given.Object("""{"metadata":{"name":"redis-cluster-8-1.0.0"}}"""), Given.Object("""{"metadata":{"name":"redis-cluster-8-1.1.0"}}""")],
        Versions = [Given.Object("""
            {"metadata":{"name":"redis-cluster"},"spec":{
              "releases":[{"name":"a","serviceVersion":"7.2.4"},{"name":"b","serviceVersion":"7.2.10"},{"name":"c","serviceVersion":"8.0.1"}],
              "compatibilityRules":[{"compDefs":["redis-cluster-7"],"releases":["a","b"]},{"compDefs":["redis-cluster-8"],"releases":["c"]}]}}
            """)],
    });

    private static Component Shards(TopologySnapshot t) => t.Components.Single(c => c.Name == "shard");

    [Fact]
    public void Sharding_IsOneComponentWhoseShardsAreItsComponents()
    {
        var topology = Map(Cluster());
        Assert.Equal((ClusterKind.Cluster, "demo/sessions"), (topology.Kind, topology.Cluster.ToString()));
        Assert.Equal(["proxy", "shard"], topology.Components.Select(c => c.Name));
        Assert.Equal(["shard-abc", "shard-xyz"], Shards(topology).Shards.Select(s => s.Name));
        Assert.Equal([("sessions-shard-abc-0", "primary"), ("sessions-shard-abc-1", "secondary"), ("sessions-shard-abc-2", "secondary")], Shards(topology).Shards[0].Instances.Select(i => (i.Name, i.LabelRole!)));
        Assert.All(Shards(topology).Shards[1].Instances, i => Assert.Equal("Missing", i.Phase));
    }

    [Fact]
    public void Versions_ComeWithTheDefinitionThatServesThem()
    {
        var component = Shards(Map(Cluster()));
        Assert.Equal(["8.0.1", "7.2.10"], component.AvailableVersions);
        Assert.Equal(("redis-cluster-7", "redis-cluster-8-1.1.0"), (component.Definitions["7.2.10"], component.Definitions["8.0.1"]));
    }

    [Theory]
    [InlineData("7.2.4", "redis:7.2.4", "docker.io/library/redis:7.2.4", true)]
    [InlineData("7.2.3", "redis:7.2.4", null, false)]
    [InlineData("7.2.4", "redis:7.2.3", null, false)]
    [InlineData("7.2.4", "redis:7.2.4", "docker.io/library/redis:7.2.3", false)]
    public void Updated_NeedsLabelImagesAndWhatTheKubeletRuns(string label, string image, string? running, bool expected) =>
        Assert.Equal(expected, Shards(Map(Cluster(), [Pod("shard-abc", 0, "primary", label, image, running)])).Shards[0].Instances[0].Updated);

    [Fact]
    public void Workload_HoldNotYetInEveryInstanceSet_IsNotObserved()
    {
        var held = Cluster(",\"instanceUpdateStrategy\":{\"type\":\"OnDelete\"}");
        var workload = Shards(Map(held)).Workloads.Single();
        Assert.Equal(("OnDelete", false), (workload.Strategy, workload.Observed));
        Assert.True(Shards(Map(held, strategy: ",\"instanceUpdateStrategy\":{\"type\":\"OnDelete\"}")).Workloads.Single().Observed);
    }

    [Fact]
    public void Workload_GenerationsDoNotMeet_IsNotObserved()
    {
        Assert.Equal((true, true), (Shards(Map(Cluster())).Workloads[0].Observed, Shards(Map(Cluster())).Workloads[0].Settled));
        Assert.Equal((false, false), (Shards(Map(Cluster(), generation: 3)).Workloads[0].Observed, Shards(Map(Cluster(), generation: 3)).Workloads[0].Settled));
    }

    [Fact]
    public void Workload_EachComponentHasMarksOfItsOwn()
    {
        var topology = Map(Cluster(",\"instanceUpdateStrategy\":{\"type\":\"OnDelete\"}", ",\"annotations\":{\"rollcall.dev/owner.shard\":\"us\",\"rollcall.dev/run.shard\":\"run-1\",\"rollcall.dev/held.shard\":\"null\"}"));
        Assert.Equal(new Custody("us", "run-1", null), Shards(topology).Workloads[0].Held);
        Assert.Null(topology.Components.Single(c => c.Name == "proxy").Workloads[0].Held);
    }

    [Theory]
    [InlineData(",\"enableInstanceAPI\":true", "Instance API")]
    [InlineData(",\"instances\":[{\"name\":\"ro\",\"serviceVersion\":\"7.2.3\"}]", "pins a version")]
    [InlineData(",\"instanceUpdateStrategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"replicas\":1}}", "rollout window")]
    public void Workload_WhatCannotBeHeld_IsABlocker(string extra, string says) =>
        Assert.Contains(says, Assert.Single(Shards(Map(Cluster(extra))).Workloads[0].Blockers), StringComparison.Ordinal);

    [Fact]
    public void Operations_ShowWhatRunsAndTheEndOfOurOwn()
    {
        const string Ours = """{"metadata":{"name":"ours","annotations":{"rollcall.dev/run":"run-1","rollcall.dev/step":"shard.s.switchover"}},"spec":{"clusterName":"sessions","type":"Switchover"},"status":{"phase":"Failed"}}""";
        const string Theirs = """{"metadata":{"name":"theirs"},"spec":{"clusterName":"sessions","type":"Backup"},"status":{"phase":"Running"}}""";
        const string Old = """{"metadata":{"name":"old"},"spec":{"clusterName":"sessions","type":"Restart"},"status":{"phase":"Succeed"}}""";
        var free = Map(Cluster("", ",\"labels\":{\"apps.kubeblocks.io/rollout-name\":\"ro\"}"), operations: [Ours, Theirs, Old]);
        Assert.Equal(["theirs", "ro"], free.Operations.Select(o => o.Name));
        var held = Map(Cluster("", ",\"annotations\":{\"rollcall.dev/owner.shard\":\"us\",\"rollcall.dev/run.shard\":\"run-1\",\"rollcall.dev/held.shard\":\"null\"}"), operations: [Ours, Theirs, Old]);
        Assert.Equal([("ours", "Failed", "shard.s.switchover"), ("theirs", "Running", null)], held.Operations.Select(o => (o.Name, o.Phase, o.Step)));
    }
}
