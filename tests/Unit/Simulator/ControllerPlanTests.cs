using System.Text.Json.Nodes;
using k8s.Models;
using Rollcall.Simulator.Operators.KubeBlocks;
using Rollcall.Simulator.Operators.Machinery;
using Rollcall.Simulator.Operators.StatefulSets;
using Xunit;

namespace Rollcall.Unit.Simulator;

/// <summary>The decisions of the simulated controllers, apart from any cluster.</summary>
public sealed class ControllerPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("OnDelete", null, "new")]
    [InlineData("OnDelete", 2, "old")]
    [InlineData("RollingUpdate", 0, "new")]
    [InlineData("RollingUpdate", 2, "old")]
    [InlineData("RollingUpdate", 1, "new")]
    public void LostPod_ComesBackOnTheRevisionThatTheStrategySays(string type, int? partition, string revision)
    {
        var set = new V1StatefulSet
        {
            Metadata = new() { Name = "s", NamespaceProperty = "demo" },
            Spec = new()
            {
                Replicas = 3,
                UpdateStrategy = new() { Type = type, RollingUpdate = partition is { } p ? new() { Partition = p } : null },
            },
            Status = new() { CurrentReplicas = 0 },
        };

        Assert.Equal(revision, new Replicas(set, [], "new", "old", Now).RevisionFor(1));
    }

    [Fact]
    public void StatefulSetStatus_UnderOnDelete_NeverPromotesTheUpdateRevision()
    {
        var set = new V1StatefulSet { Metadata = new() { Name = "s" }, Spec = new() { Replicas = 1, UpdateStrategy = new() { Type = "OnDelete" } } };
        V1Pod pod = Ready("s-0", new() { ["controller-revision-hash"] = "new" }, "redis:8.0.1");

        Assert.Equal("old", new Replicas(set, [pod], "new", "old", Now).Status().Text("currentRevision"));
        set.Spec.UpdateStrategy.Type = "RollingUpdate";
        Assert.Equal("new", new Replicas(set, [pod], "new", "old", Now).Status().Text("currentRevision"));
    }

    [Theory]
    [InlineData("RollingUpdate", null, "redis-2")]
    [InlineData("OnDelete", null, "")]
    [InlineData("RollingUpdate", 0, "")]
    public void InstanceSetUpdate_TakesOneSecondaryFirstUnlessHeld(string type, int? window, string expected)
    {
        var strategy = new JsonObject { ["type"] = type };
        if (window is not null)
            strategy["rollingUpdate"] = new JsonObject { ["replicas"] = window, ["maxUnavailable"] = 1 };
        var instances = InstancesOf(strategy, ("redis-0", "secondary"), ("redis-1", "primary"), ("redis-2", "secondary"));

        var steps = UpdatePlan.Next(instances.Spec, instances.Instances);

        Assert.Equal(expected, string.Join(' ', steps.Select(s => s.Pod.Name())));
        Assert.All(steps, s => Assert.True(s.Recreate));
    }

    [Fact]
    public void InstanceSetUpdate_StopsAtAnInstanceWithoutARole()
    {
        var (spec, instances) = InstancesOf(new JsonObject { ["type"] = "RollingUpdate" }, ("redis-0", "secondary"), ("redis-1", "primary"), ("redis-2", ""));

        Assert.Empty(UpdatePlan.Next(spec, instances));
    }

    [Fact]
    public void InstanceSetRevision_DoesNotChangeWithTheImage()
    {
        var (_, old) = InstancesOf([], image: "redis:7.2.4");
        var (_, updated) = InstancesOf([], image: "redis:8.0.1");

        Assert.Equal(old.Revision, updated.Revision);
    }

    [Theory]
    [InlineData("Running,Running", "Running")]
    [InlineData("Creating,Creating", "Creating")]
    [InlineData("Running,Updating", "Updating")]
    [InlineData("Failed,Failed", "Failed")]
    [InlineData("Failed,Running", "Abnormal")]
    public void ClusterPhase_IsComposedFromItsComponents(string phases, string expected) =>
        Assert.Equal(expected, ClusterStatus.Compose(phases.Split(','), "Creating"));

    [Fact]
    public void VersionOrder_ComparesNumbersNotText() =>
        Assert.Equal(["8.10.0", "8.2.0", "7.2.5"], new[] { "8.2.0", "7.2.5", "8.10.0" }.OrderByDescending(v => v, VersionOrder.Instance));

    private static (JsonObject Spec, Instances Instances) InstancesOf(JsonObject strategy, params (string Name, string Role)[] pods) =>
        InstancesOf(strategy, "redis:8.0.1", pods);

    private static (JsonObject Spec, Instances Instances) InstancesOf(JsonObject strategy, string image, params (string Name, string Role)[] pods)
    {
        var set = new KubeObject
        {
            Metadata = new() { Name = "redis" },
            Spec = new JsonObject
            {
                ["replicas"] = 3,
                ["podUpgradePolicy"] = "ReCreate",
                ["memberUpdateStrategy"] = "BestEffortParallel",
                ["instanceUpdateStrategy"] = strategy,
                ["roles"] = new JsonArray(
                    new JsonObject { ["name"] = "primary", ["updatePriority"] = 2 }, new JsonObject { ["name"] = "secondary", ["updatePriority"] = 1 }),
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = new JsonObject() },
                    ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "redis", ["image"] = image }) },
                },
            },
        };
        var revision = new Instances(set, [], Now).Revision;
        var live = pods.Select(p => Ready(p.Name, new() { [Keys.Revision] = revision, [Keys.Role] = p.Role }, "redis:7.2.4")).ToList();
        return (set.Spec, new Instances(set, live, Now));
    }

    private static V1Pod Ready(string name, Dictionary<string, string> labels, string image) => new()
    {
        Metadata = new() { Name = name, Labels = labels },
        Spec = new() { Containers = [new() { Name = "redis", Image = image }] },
        Status = new()
        {
            Phase = "Running",
            Conditions = [new() { Type = "Ready", Status = "True", LastTransitionTime = Now.UtcDateTime }],
            ContainerStatuses = [new() { Name = "redis", Image = image }],
        },
    };
}
