using k8s.Models;
using Rollcall.Engine.Kubernetes;
using Rollcall.Engine.Kubernetes.Mapping;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

public sealed class StatefulSetMappingTests
{
    private static TopologySnapshot Map(IReadOnlyList<V1StatefulSet> sets, IReadOnlyList<V1Pod>? pods = null, params V1PodDisruptionBudget[] budgets) =>
        StatefulSetMapping.Map(new StatefulSetGroupInput(
            StatefulSetGroup.Cluster(sets[0]), Given.Redis, sets,
            sets.ToDictionary(s => s.Metadata.Uid, s => (IReadOnlyList<V1Pod>)[.. (pods ?? []).Where(p => p.Metadata.Name.StartsWith(s.Metadata.Name + "-", StringComparison.Ordinal))]),
            budgets, node => node == "node-1" ? "zone-a" : null));

    private static Instance One(V1Pod pod, Action<V1StatefulSet>? change = null) =>
        Map([Given.Set("orders", s => { s.Spec.Replicas = 1; change?.Invoke(s); })], [pod]).Components[0].Shards[0].Instances[0];

    [Fact]
    public void Cluster_NoLabels_IsTheStatefulSetItself()
    {
        var set = Given.Set("orders");
        Assert.Equal("demo/orders", StatefulSetGroup.Cluster(set).ToString());
        var component = Assert.Single(Map([set]).Components);
        Assert.Equal(("orders", "orders"), (component.Name, component.Shards[0].Name));
    }

    [Fact]
    public void Components_OfAProfileWithAnOrder_StandInTheOrderInWhichTheyAreRolled()
    {
        var sets = new[] { "mongos", "shard", "config-server" }.Select(name => Given.Set(name, s =>
        {
            s.Metadata.Labels[Marks.Cluster] = "catalog";
            s.Metadata.Labels[Marks.Component] = name;
        })).ToList();
        var map = StatefulSetMapping.Map(new StatefulSetGroupInput(
            StatefulSetGroup.Cluster(sets[0]), Rollcall.Engine.Profiles.ProfileLibrary.BuiltIn.Find("mongodb-sharded")!, sets, sets.ToDictionary(s => s.Metadata.Uid, _ => (IReadOnlyList<V1Pod>)[]), [], _ => null));

        Assert.Equal(["config-server", "shard", "mongos"], map.Components.Select(c => c.Name));
    }

    [Theory]
    [InlineData(null, 30)]
    [InlineData(0, 0)]
    [InlineData(600, 600)]
    public void Grace_IsTheTemplates_Or30WhereItSaysNothing(int? said, int expected) =>
        Assert.Equal(expected, Map([Given.Set("orders", s => s.Spec.Template.Spec.TerminationGracePeriodSeconds = said)]).Components[0].Workloads[0].GraceSeconds);

    [Fact]
    public void Claims_AreThoseThePodMounts()
    {
        Assert.Equal("", One(Given.Pod("orders-0")).Claims);
        Assert.Equal("data-orders-0, wal-orders-0", One(Given.Pod("orders-0", change: p => p.Spec.Volumes =
        [
            new V1Volume { Name = "data", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = "data-orders-0" } },
            new V1Volume { Name = "scripts", ConfigMap = new V1ConfigMapVolumeSource { Name = "scripts" } },
            new V1Volume { Name = "wal", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = "wal-orders-0" } },
        ])).Claims);
    }

    [Fact]
    public void Cluster_OurLabels_WinOverCommonOnes()
    {
        var set = Given.Set("orders-a", s =>
        {
            s.Metadata.Labels["app.kubernetes.io/instance"] = "chart";
            s.Metadata.Labels["app.kubernetes.io/component"] = "cache";
            s.Metadata.Annotations[Marks.Cluster] = "orders";
            s.Metadata.Labels[Marks.Component] = "redis";
            s.Metadata.Labels[Marks.Shard] = "a";
        });
        Assert.Equal("orders", StatefulSetGroup.Cluster(set).Name);
        var component = Assert.Single(Map([set]).Components);
        Assert.Equal(("redis", "a"), (component.Name, component.Shards[0].Name));
    }

    [Fact]
    public void Shards_SeveralSetsOfOneComponent_AreNamedByTheSet()
    {
        void Common(V1StatefulSet s) => s.Metadata.Labels["app.kubernetes.io/component"] = "redis";
        var topology = Map([Given.Set("orders-b", Common), Given.Set("orders-a", Common)]);
        Assert.Equal(["orders-a", "orders-b"], topology.Components.Single().Shards.Select(s => s.Name));
        Assert.Equal([["orders-a"], ["orders-b"]], topology.Components[0].Workloads.Select(w => w.Shards.ToArray()));
    }

    [Fact]
    public void Shard_OfSeveralSets_HoldsThemAll()
    {
        void Common(V1StatefulSet s)
        {
            s.Metadata.Labels["app.kubernetes.io/component"] = "pg";
            s.Metadata.Labels[Marks.Shard] = "main";
            s.Spec.Replicas = 1;
        }
        var shard = Assert.Single(Map([Given.Set("pg-a", Common), Given.Set("pg-b", Common)], [Given.Pod("pg-a-0"), Given.Pod("pg-b-0")]).Components[0].Shards);
        Assert.Equal([("pg-a-0", "pg-a"), ("pg-b-0", "pg-b")], shard.Instances.Select(i => (i.Name, i.Workload)));
    }

    [Fact]
    public void Slot_WithoutPod_IsMissing()
    {
        var topology = Map([Given.Set("orders", s => s.Spec.Ordinals = new V1StatefulSetOrdinals { Start = 5 })], [Given.Pod("orders-6")]);
        Assert.Equal([("orders-5", "Missing", ""), ("orders-6", "Running", "uid-orders-6"), ("orders-7", "Missing", "")], topology.Components[0].Shards[0].Instances.Select(i => (i.Name, i.Phase, i.Uid)));
    }

    [Fact]
    public void Version_IsTheTagOfTheProfilesContainer()
    {
        var topology = Map([Given.Set("orders", s => s.Metadata.Annotations[Marks.AvailableVersions] = "7.0.1, 7.2.5,8.0.1-bad ,8.0.1,10.0.0")], [Given.Pod("orders-0")]);
        var component = topology.Components[0];
        Assert.Equal("7.2.5", component.Version);
        Assert.Equal(["10.0.0", "8.0.1", "8.0.1-bad", "7.0.1"], component.AvailableVersions);
        Assert.Equal(("redis", "7.2.5"), (component.Workloads[0].VersionContainer, component.Shards[0].Instances[0].Version));
        Assert.Equal(["7.2.5"], component.Versions);
    }

    [Theory]
    [InlineData("r1", "registry:5000/redis:7.2.5", true)]
    [InlineData("r0", "registry:5000/redis:7.2.5", false)]
    [InlineData("r1", "registry:5000/redis:7.2.4", false)]
    public void Updated_NeedsBothThePodsRevisionAndItsImages(string revision, string image, bool expected) =>
        Assert.Equal(expected, One(Given.Pod("orders-0", revision, p => p.Spec.Containers[1].Image = image)).Updated);

    [Fact]
    public void Updated_StatusSaysAllIsCurrentButThePodIsOld_IsFalse() =>
        // kubernetes#106055: under OnDelete both revisions of the StatefulSet can be equal while Pods run another.
        Assert.False(One(Given.Pod("orders-0", "bad"), s => s.Status.CurrentRevision = s.Status.UpdateRevision = "r1").Updated);

    [Fact]
    public void Updated_InjectedContainer_DoesNotCount() =>
        Assert.True(One(Given.Pod("orders-0", change: p => p.Spec.Containers.Add(new V1Container { Name = "istio-proxy", Image = "istio:1" }))).Updated);

    [Fact]
    public void Ready_ConditionFromBeforeTheContainersStarted_DoesNotCount()
    {
        var pod = Given.Pod("orders-0", change: p => p.Status.ContainerStatuses[1] = Given.Running("redis", Given.Noon.AddSeconds(1)));
        Assert.False(One(pod).Ready);
        Assert.True(One(Given.Pod("orders-0")).Ready);
    }

    [Fact]
    public void Ready_Terminating_DoesNotCount()
    {
        var going = One(Given.Pod("orders-0", change: p => p.Metadata.DeletionTimestamp = Given.Noon.UtcDateTime));
        Assert.Equal((false, "Terminating"), (going.Ready, going.Phase));
    }

    [Theory]
    [InlineData("ImagePullBackOff", "ImagePullBackOff")]
    [InlineData("CrashLoopBackOff", "CrashLoopBackOff")]
    [InlineData("ContainerCreating", null)]
    public void Container_Waiting_IsDeadAndAProblemUnlessOnItsWay(string reason, string? problem)
    {
        var member = One(Given.Pod("orders-0", change: p => p.Status.ContainerStatuses[1] = Given.Waiting("redis", reason)));
        Assert.Equal((true, problem), (member.Dead, member.Problem));
    }

    [Fact]
    public void Container_InitCrashes_IsTheProblem()
    {
        var member = One(Given.Pod("orders-0", change: p => p.Status.InitContainerStatuses = [Given.Waiting("init", "CrashLoopBackOff")]));
        Assert.Equal("CrashLoopBackOff", member.Problem);
    }

    [Fact]
    public void Pod_Unschedulable_IsTheProblem()
    {
        var member = One(Given.Pod("orders-0", change: p =>
        {
            p.Status.ContainerStatuses = null;
            p.Status.Phase = "Pending";
            p.Status.Conditions = [new V1PodCondition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "0/1 nodes" }];
        }));
        Assert.Equal(("Unschedulable", "0/1 nodes", true), (member.Problem, member.ProblemMessage, member.Dead));
    }

    [Theory]
    [InlineData("master", "primary")]
    [InlineData("slave", "secondary")]
    [InlineData("sidecar", null)]
    public void LabelRole_IsInTheProfilesWords(string said, string? role) =>
        Assert.Equal(role, One(Given.Pod("orders-0", change: p => p.Metadata.Labels["my-role"] = said), s => s.Metadata.Annotations[Marks.RoleLabel] = "my-role").LabelRole);

    [Fact]
    public void Zone_IsTheNodes() => Assert.Equal(("node-1", "zone-a"), (One(Given.Pod("orders-0")).Node, One(Given.Pod("orders-0")).Zone));

    [Fact]
    public void Workload_Held_SaysByWhomAndWhatToGiveBack()
    {
        var topology = Map([Given.Set("orders", s =>
        {
            s.Spec.UpdateStrategy = new V1StatefulSetUpdateStrategy { Type = "OnDelete" };
            s.Metadata.Annotations[Marks.Owner] = "rollcall-a";
            s.Metadata.Annotations[Marks.Run] = "run-1";
            s.Metadata.Annotations[Marks.Since] = "2026-08-20T12:00:00Z";
            s.Metadata.Annotations[Marks.Held] = "{\"type\":\"RollingUpdate\"}";
        })]);
        Assert.Equal(new Custody("rollcall-a", "run-1", Given.Noon), topology.Held);
        Assert.Equal(("OnDelete", "{\"type\":\"RollingUpdate\"}"), (topology.Components[0].Workloads[0].Strategy, topology.Components[0].Workloads[0].HeldOriginal));
    }

    [Fact]
    public void Workload_PartitionOfSomebodyElse_IsABlocker()
    {
        var workload = Map([Given.Set("orders", s => s.Spec.UpdateStrategy.RollingUpdate = new V1RollingUpdateStatefulSetStrategy { Partition = 2 })]).Components[0].Workloads[0];
        Assert.Contains("partition of 2", Assert.Single(workload.Blockers), StringComparison.Ordinal);
    }

    [Fact]
    public void Workload_NotYetObserved_IsNeitherObservedNorSettled()
    {
        var workload = Map([Given.Set("orders", s => s.Metadata.Generation = 4)]).Components[0].Workloads[0];
        Assert.Equal((false, false), (workload.Observed, workload.Settled));
    }

    [Fact]
    public void Workload_ManagedByOthers_IsNamed()
    {
        Assert.Equal("Argo CD (shop)", Map([Given.Set("orders", s => s.Metadata.Annotations["argocd.argoproj.io/tracking-id"] = "shop:apps/StatefulSet:demo/orders")]).Components[0].Workloads[0].ManagedBy);
        Assert.Equal("Helm", Map([Given.Set("orders", s => s.Metadata.ManagedFields = [new V1ManagedFieldsEntry { Manager = "helm" }])]).Components[0].Workloads[0].ManagedBy);
        Assert.Null(Map([Given.Set("orders", s => s.Metadata.ManagedFields = [new V1ManagedFieldsEntry { Manager = "kubectl-client-side-apply" }])]).Components[0].Workloads[0].ManagedBy);
    }

    [Fact]
    public void Shard_SeveralBudgets_TheTightestSpeaks()
    {
        static V1PodDisruptionBudget Budget(string name, int allowed, string key) => new()
        {
            Metadata = new V1ObjectMeta { Name = name },
            Spec = new V1PodDisruptionBudgetSpec { Selector = new V1LabelSelector { MatchExpressions = [new V1LabelSelectorRequirement { Key = key, OperatorProperty = "Exists" }] } },
            Status = new V1PodDisruptionBudgetStatus { DisruptionsAllowed = allowed },
        };
        var shard = Map([Given.Set("orders")], [Given.Pod("orders-0")], Budget("loose", 2, "controller-revision-hash"), Budget("tight", 1, "controller-revision-hash"), Budget("other", 0, "app")).Components[0].Shards[0];
        Assert.Equal(new BudgetStatus("tight", 1), shard.Budget);
    }

    [Fact]
    public void Phase_FollowsWhatThereIs()
    {
        V1Pod[] all = [Given.Pod("orders-0"), Given.Pod("orders-1"), Given.Pod("orders-2")];
        Assert.Equal("Running", Map([Given.Set("orders")], all).Phase);
        Assert.Equal("Degraded", Map([Given.Set("orders")], [all[0], all[1]]).Phase);
        Assert.Equal("Updating", Map([Given.Set("orders")], [all[0], all[1], Given.Pod("orders-2", "r0")]).Phase);
        Assert.Equal("Degraded", Map([Given.Set("orders")], [all[0], all[1], Given.Pod("orders-2", "r0", p => p.Status.ContainerStatuses = [Given.Waiting("redis", "ErrImagePull")])]).Phase);
        Assert.Equal("Unknown", Map([Given.Set("orders", s => s.Spec.Replicas = 0)]).Phase);
    }
}
