using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Planning;

public sealed class PlanBuilderTests
{
    private static readonly EngineProfile Redis = ProfileLibrary.BuiltIn.Find("redis-cluster")!;
    private static readonly EngineProfile Generic = ProfileLibrary.BuiltIn.Find("generic")!;
    private static readonly TopologySnapshot Orders = Clusters.Redis(4, available: ["8.0.1", "7.2.5"]);

    private static string Yaml(string stages = "", string changes = "[{ component: redis, serviceVersion: 7.2.5 }]", ClusterKind kind = ClusterKind.StatefulSetGroup) =>
        $$"""
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: p, namespace: demo }
        spec:
          target: { kind: {{kind}}, name: orders }
          changes: {{changes}}
        {{(stages.Length > 0 ? "  stages:\n" + string.Join('\n', stages.Split('\n').Select(s => "  - " + s)) : "")}}
        """;

    private static Result<Plan> Build(string text, TopologySnapshot? cluster = null, EngineProfile? profile = null)
    {
        var spec = PlanSpecReader.Read(text);
        Assert.True(spec.Ok, spec.Refusal?.Message);
        return PlanBuilder.Build(spec.Value, text, cluster ?? Orders, profile ?? Redis, "p1", "ann", Clusters.Now);
    }

    private static Plan Built(string text, TopologySnapshot? cluster = null, EngineProfile? profile = null)
    {
        var plan = Build(text, cluster, profile);
        Assert.True(plan.Ok, plan.Refusal?.Message);
        return plan.Value;
    }

    private static string[] Stages(PlannedComponent component) => [.. component.Stages.Select(s => $"{s.Name}[{s.Roles}]: {string.Join(" ", s.Shards.Select(n => n[^1]))}{(s.Gate is null ? "" : $" gate {s.Gate.Approvals}")}")];

    [Fact]
    public void Build_ProfileStages_CanaryThenGatedRest()
    {
        var plan = Built(Yaml());

        var redis = Assert.Single(plan.Components);
        Assert.Equal(["canary[all]: a", "rest[all]: b c d gate 1"], Stages(redis));
        Assert.Equal(TimeSpan.FromSeconds(15), redis.Stages[0].Soak);
        Assert.Equal(["orders-a", "orders-b", "orders-c", "orders-d"], redis.Shards.Select(s => s.Name));
        Assert.Equal(["orders-b-0", "orders-b-1", "orders-b-2"], redis.Shards[1].Instances);
        Assert.Equal(("7.2.4", "7.2.5"), (redis.From.Version, redis.To.Version));
        Assert.Equal(4, redis.Targets.Length);
        Assert.All(redis.Targets, t => Assert.Equal(("docker.io/library/redis:7.2.4", "docker.io/library/redis:7.2.5"), (t.From.Images["redis"], t.To.Images["redis"])));
        Assert.Equal(("p1", "ann", Clusters.Now, ClusterKind.StatefulSetGroup), (plan.Id, plan.CreatedBy, plan.CreatedAt, plan.Kind));
        Assert.DoesNotContain(plan.Findings, f => f.Severity == Severity.Error);
    }

    public static TheoryData<string, string> Selections => new()
    {
        { "{ name: x, shards: rest }", "x[all]: a b c d" },
        { "{ name: x, shards: { percent: 100 } }", "x[all]: a b c d" },
        { "{ name: x, shards: { count: 1 } }\n{ name: y, shards: { count: 2 } }\n{ name: z, shards: rest }", "x[all]: a | y[all]: b c | z[all]: d" },
        { "{ name: x, shards: { percent: 25 } }\n{ name: y, shards: { percent: 75 } }", "x[all]: a | y[all]: b c d" },
        { "{ name: x, shards: { percent: 1 } }\n{ name: y, shards: rest }", "x[all]: a | y[all]: b c d" },
        { "{ name: x, shards: { percent: 26 } }\n{ name: y, shards: rest }", "x[all]: a b | y[all]: c d" },
        { "{ name: x, shards: { percent: 34 } }\n{ name: y, shards: { percent: 33 } }\n", "x[all]: a b | y[all]: c d" },
        { "{ name: x, shards: { names: [orders-d, orders-b] } }\n{ name: y, shards: { count: 1 } }\n{ name: z, shards: rest }", "x[all]: b d | y[all]: a | z[all]: c" },
        { "{ name: x, shards: rest, roles: followers }\n{ name: y, shards: { count: 1 }, roles: leader }\n{ name: z, shards: rest, roles: leader, gate: {} }", "x[followers]: a b c d | y[leader]: a | z[leader]: b c d gate 1" },
        { "{ name: x, shards: { count: 1 } }\n{ name: y, shards: rest, roles: followers }\n{ name: z, shards: rest, roles: leader }", "x[all]: a | y[followers]: b c d | z[leader]: b c d" },
    };

    [Theory]
    [MemberData(nameof(Selections))]
    public void Build_Selectors_TakeTheNextShardsInSortedOrder(string stages, string expected) =>
        Assert.Equal(expected, string.Join(" | ", Stages(Built(Yaml(stages.TrimEnd())).Components[0])));

    public static TheoryData<string, string, int, string, string> WrongStages => new()
    {
        { "{ name: x, shards: { count: 1 } }", "/spec/stages", 7, "Shards orders-b, orders-c, orders-d of component redis are in no stage", "shards: rest" },
        { "{ name: x, shards: { count: 5 } }", "/spec/stages/0/shards/count", 8, "wants 5 shards of component redis, but it has 4 shards", "1 to 4" },
        { "{ name: x, shards: { count: 3 } }\n{ name: y, shards: { count: 2 } }", "/spec/stages/1/shards/count", 9, "earlier stages leave 1 shard", "1 to 1" },
        { "{ name: x, shards: rest }\n{ name: y, shards: { count: 1 } }", "/spec/stages/1/shards/count", 9, "earlier stages leave 0 shards", "leave the stage out" },
        { "{ name: x, shards: rest }\n{ name: y, shards: rest }", "/spec/stages/1/shards", 9, "has no shard of component redis", "leave the stage out" },
        { "{ name: x, shards: { percent: 60 } }\n{ name: y, shards: { percent: 50 } }", "/spec/stages/1/shards/percent", 9, "add up to 110", "at most 100" },
        { "{ name: x, shards: { names: [orders-a, orders-x, orders-y] } }\n{ name: y, shards: rest }", "/spec/stages/0/shards/names", 8, "no shard orders-x, orders-y", "orders-a, orders-b" },
        { "{ name: x, shards: { count: 2 } }\n{ name: y, shards: { names: [orders-b] } }\n{ name: z, shards: rest }", "/spec/stages/1/shards", 9, "Shard orders-b of component redis is in stage 'x' and again in stage 'y'", "once" },
        { "{ name: x, shards: rest, roles: followers }", "/spec/stages", 7, "none updates the leader", "shards: rest" },
        { "{ name: x, shards: rest, roles: leader }\n{ name: y, shards: rest, roles: followers }", "/spec/stages/0/roles", 8, "before any stage has updated its followers", "followers" },
        { "{ name: x, shards: { names: [orders-a] }, roles: followers }\n{ name: y, shards: { names: [orders-a] } }\n{ name: z, shards: rest }", "/spec/stages/1/shards", 9, "in stage 'x' and again in stage 'y'", "once" },
        { "{ name: x, shards: rest, shardsAtOnce: 5 }", "/spec/stages/0/shardsAtOnce", 8, "has 4 shards", "1 to 4" },
        { "{ name: x, component: mongos, shards: rest }", "/spec/stages/0/component", 8, "which no change names", "redis" },
    };

    [Theory]
    [MemberData(nameof(WrongStages))]
    public void Build_WrongStages_NamesPointerLineAndWhatIsAllowed(string stages, string pointer, int line, string message, string allowed) =>
        AssertError(Build(Yaml(stages)), pointer, line, message, allowed);

    private static void AssertError(Result<Plan> plan, string pointer, int line, string message, string allowed)
    {
        Assert.False(plan.Ok);
        Assert.Equal(RefusalKind.Invalid, plan.Refusal.Kind);
        var error = plan.Refusal.Errors.FirstOrDefault(e => e.Path == pointer && e.Message.Contains(message, StringComparison.Ordinal));
        Assert.True(error is not null, string.Join(" | ", plan.Refusal.Errors.Select(e => $"{e.Path}:{e.Line} {e.Message}")));
        Assert.Equal(line, error.Line);
        Assert.Contains(allowed, string.Join(", ", error.Allowed));
    }

    [Fact]
    public void Build_RoleStagesWithoutLeader_Refused()
    {
        var notify = Orders with { Components = [Clusters.StatefulSets("app", ["notify"], 4, "2.3.0", ["2.4.0"])] };
        var changes = "[{ component: app, serviceVersion: 2.4.0 }]";
        AssertError(Build(Yaml("{ name: x, shards: rest, roles: followers }\n{ name: y, shards: rest, roles: leader }", changes), notify, Generic), "/spec/stages/0/roles", 8, "knows no leader", "all");
        AssertError(Build(Yaml("{ name: x, shards: rest, gate: { at: BeforeSwitchover } }", changes), notify, Generic), "/spec/stages/0/gate/at", 8, "no switchover", "BeforeStage");
        Assert.Equal(["all[all]: y gate 1"], Stages(Built(Yaml("", changes), notify, Generic).Components[0]));
    }

    [Fact]
    public void Build_OneShardWithProfileStages_KeepsTheGateOfTheStageThatFellAway()
    {
        var one = Built(Yaml(), Clusters.Redis(1, available: ["7.2.5"]));

        Assert.Equal(["canary[all]: a gate 1"], Stages(one.Components[0]));
    }

    [Fact]
    public void Build_WrongTarget_NamesWhatItIs() => AssertError(Build(Yaml(kind: ClusterKind.Cluster)), "/spec/target/kind", 5, "demo/orders is a StatefulSetGroup", "StatefulSetGroup");

    public static TheoryData<string, string, int, string, string> WrongChanges => new()
    {
        { "[{ component: mongos, serviceVersion: 7.2.5 }]", "/spec/changes/0/component", 6, "has no component mongos", "redis" },
        { "[{ component: redis, serviceVersion: 9.9.9 }]", "/spec/changes/0/serviceVersion", 6, "9.9.9 of redis is not installed", "8.0.1, 7.2.5" },
        { "[{ component: redis, serviceVersion: 7.2.4 }]", "/spec/changes", 6, "nothing to do", "8.0.1" },
        { "[{ component: redis, images: { sidecar: \"x:1\" } }]", "/spec/changes/0/images/sidecar", 6, "no container sidecar", "redis" },
        { "[{ component: redis, images: { redis: \"docker.io/library/redis:7.2.4\" } }]", "/spec/changes", 6, "nothing to do", "" },
    };

    [Theory]
    [MemberData(nameof(WrongChanges))]
    public void Build_WrongChange_NamesPointerLineAndWhatIsAllowed(string changes, string pointer, int line, string message, string allowed) =>
        AssertError(Build(Yaml(changes: changes)), pointer, line, message, allowed);

    [Fact]
    public void Build_SeveralErrors_CollectsThemAll()
    {
        var plan = Build(Yaml("{ name: x, shards: { count: 9 } }", "[{ component: redis, serviceVersion: 9.9.9 }, { component: mongos, serviceVersion: 1 }]"));

        Assert.Equal(["/spec/changes/0/serviceVersion", "/spec/changes/1/component"], plan.Refusal!.Errors.Select(e => e.Path));
    }

    [Fact]
    public void Build_OneTemplateThereAndOthersNot_FinishesFromTheOtherVersion()
    {
        // An aborted run left orders-a on the wanted version; the other shards still run the old one.
        var half = Orders
            .WithWorkloads(w => w.Name == "orders-a" ? w with { TargetVersion = "7.2.5", Images = Clusters.Images(("redis", "docker.io/library/redis:7.2.5")) } : w)
            .With(c => c with { Version = "7.2.5", Shards = c.Shards.SetItem(0, c.Shards[0] with { Instances = [.. c.Shards[0].Instances.Select(i => i with { Version = "7.2.5" })] }) });

        var redis = Assert.Single(Built(Yaml(), half).Components);
        Assert.Equal(("7.2.4", "7.2.5"), (redis.From.Version, redis.To.Version));
        Assert.All(redis.Targets, t => Assert.Equal("docker.io/library/redis:7.2.4", t.From.Images["redis"]));
    }

    [Fact]
    public void Build_TemplateThereAndMembersNot_FinishesFromWhatTheyRun()
    {
        var old = Clusters.Images(("redis", "docker.io/library/redis:7.2.4"));
        var half = Orders.WithWorkloads(w => w with { TargetVersion = "7.2.5", Images = Clusters.Images(("redis", "docker.io/library/redis:7.2.5")) })
            .With(c => c with { Version = "7.2.5", Shards = [.. c.Shards.Select(s => s with { Instances = [.. s.Instances.Select(i => i with { Updated = false, Images = old })] })] });

        var redis = Assert.Single(Built(Yaml(), half).Components);
        Assert.Equal(("7.2.4", "7.2.5"), (redis.From.Version, redis.To.Version));
        Assert.Equal(old, redis.Targets[0].From.Images);
    }

    [Fact]
    public void Build_HalfFinished_IsSomethingToDo()
    {
        var half = Orders.WithWorkloads(w => w with { TargetVersion = "7.2.5", Images = Clusters.Images(("redis", "docker.io/library/redis:7.2.5")) })
            .With(c => c with { Version = "7.2.5", Shards = c.Shards.SetItem(3, c.Shards[3] with { Instances = [.. c.Shards[3].Instances.Select(i => i with { Updated = false })] }) });

        Assert.Equal(4, Built(Yaml(), half).Components[0].Shards.Length);
        AssertError(Build(Yaml(), half.With(c => c with { Shards = [.. c.Shards.Select(s => s with { Instances = [.. s.Instances.Select(i => i with { Updated = true })] })] })), "/spec/changes", 6, "nothing to do", "");
    }

    [Fact]
    public void Build_OneOfTwoComponentsDone_IsLeftOut()
    {
        var two = Orders with { Components = [Orders.Components[0], Clusters.StatefulSets("proxy", ["proxy"], 2, "1.31", ["1.32"])] };

        var plan = Built(Yaml(changes: "[{ component: proxy, serviceVersion: 1.31 }, { component: redis, serviceVersion: 7.2.5 }]"), two);

        Assert.Equal(["redis"], plan.Components.Select(c => c.Name));
    }

    [Fact]
    public void Build_TwoComponents_OneListOfStagesForBoth()
    {
        var two = Orders with { Components = [Orders.Components[0], Clusters.StatefulSets("proxy", ["proxy-x"], 2, "1.31", ["1.32"])] };
        const string changes = "[{ component: redis, serviceVersion: 7.2.5 }, { component: proxy, serviceVersion: 1.32 }]";

        var plan = Built(Yaml("{ name: first, shards: { count: 2 } }\n{ name: own, component: redis, shards: { names: [orders-d] } }\n{ name: rest, shards: rest, gate: {} }", changes), two);

        Assert.Equal(["proxy", "redis"], plan.Components.Select(c => c.Name));
        Assert.Equal(["first[all]: x gate 1"], Stages(plan.Components[0]));
        Assert.Equal(["first[all]: a b", "own[all]: d", "rest[all]: c gate 1"], Stages(plan.Components[1]));
        AssertError(Build(Yaml("{ name: x, shards: { names: [proxy-x, proxy-y] } }\n{ name: rest, shards: rest }", changes), two), "/spec/stages/0/shards/names", 8, "No changed component has a shard proxy-y", "proxy-x");
    }

    [Fact]
    public void Build_Images_GoToTheNamedContainerOnly()
    {
        var sidecar = Orders.WithWorkloads(w => w with { Images = Clusters.Images(("redis", "redis:7.2.4"), ("exporter", "exporter:1")) });

        var plan = Built(Yaml(changes: "[{ component: redis, images: { redis: \"mirror:5000/redis:8.0.1\" } }]"), sidecar);

        Assert.Equal("8.0.1", plan.Components[0].To.Version);
        Assert.Equal(["exporter:1", "mirror:5000/redis:8.0.1"], plan.Components[0].To.Images.Values);
    }

    public static TheoryData<string, string> MainContainers => new()
    {
        { "redis=registry:5000/redis:7.2.4@sha256:00 exporter=exporter:1", "registry:5000/redis:8.0.1" },
        { "app=app:7.2.4 redis=redis:7.2.4", "redis:8.0.1" },
        { "cache=redis:7.2.4", "redis:8.0.1" },
    };

    [Theory]
    [MemberData(nameof(MainContainers))]
    public void Build_ServiceVersion_IsTheTagOfTheMainContainer(string images, string expected)
    {
        var pods = images.Split(' ').Select(i => i.Split('=')).ToImmutableSortedDictionary(i => i[0], i => i[1], StringComparer.Ordinal);

        var plan = Built(Yaml(changes: "[{ component: redis, serviceVersion: 8.0.1 }]"), Orders.WithWorkloads(w => w with { Images = pods }));

        Assert.Equal(expected, Assert.Single(plan.Components[0].To.Images.Values, v => v.Contains("8.0.1", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("redis:8.0.1", "8.0.1")]
    [InlineData("redis@sha256:abababababababababababababababababababababababababababababababab", "sha256:abababababababababababababababababababababababababababababababab")]
    [InlineData("redis", "latest")]
    public void Build_Images_AreNamedByTagElseDigestElseLatest(string image, string version) =>
        Assert.Equal(version, Built(Yaml(changes: $"[{{ component: redis, images: {{ redis: \"{image}\" }} }}]")).Components[0].To.Version);

    [Fact]
    public void Build_ImagesWhereNoContainerIsPlainlyTheDatabase_IsNamedByTheFirstThatChanges() =>
        Assert.Equal("3", Built(Yaml(changes: "[{ component: redis, images: { b: \"y:3\" } }]"), Orders.WithWorkloads(w => w with { Images = Clusters.Images(("a", "x:1"), ("b", "y:2")) })).Components[0].To.Version);

    [Fact]
    public void Build_NotInstalledAndNoListAtAll_NamesWhatRuns() =>
        AssertError(Build(Yaml(changes: "[{ component: shard, serviceVersion: 9.0.0 }]", kind: ClusterKind.Cluster), Sessions.With(c => c with { AvailableVersions = [] })), "/spec/changes/0/serviceVersion", 6, "not installed", "7.2.4");

    [Fact]
    public void Build_KubeBlocksWithoutADefinitionOfThatVersion_TakesThePlans()
    {
        var bare = Sessions.With(c => c with { Definitions = System.Collections.Immutable.ImmutableDictionary<string, string>.Empty });

        Assert.Equal("redis-cluster-8-1.1.0", Built(Yaml(changes: "[{ component: shard, serviceVersion: 8.0.1, componentDef: redis-cluster-8-1.1.0 }]", kind: ClusterKind.Cluster), bare).Components[0].To.ComponentDef);
        Assert.Equal("", Built(Yaml(changes: "[{ component: shard, serviceVersion: 8.0.1 }]", kind: ClusterKind.Cluster), bare).Components[0].To.ComponentDef);
    }

    [Fact]
    public void Build_ServiceVersionWithoutAMainContainer_AsksForImages() =>
        AssertError(Build(Yaml(), Orders.WithWorkloads(w => w with { Images = Clusters.Images(("a", "x:1"), ("b", "y:2")) })), "/spec/changes/0/serviceVersion", 6, "give images instead", "images");

    [Fact]
    public void Build_NoListOfVersions_TakesAnyTagAndSaysSo()
    {
        var plan = Built(Yaml(changes: "[{ component: redis, serviceVersion: 7.2.9 }]"), Clusters.Redis());

        Assert.Equal("7.2.9", plan.Components[0].To.Version);
        Assert.Contains(plan.Findings, f => f is { Rule: "VersionInstalled", Severity: Severity.Warning, Path: "/spec/changes/0", Line: 6 });
    }

    private static readonly TopologySnapshot Sessions = Clusters.KubeBlocks(
        Clusters.Sharding("shard", ["shard-k7d", "shard-m2x", "shard-q9p"], 3, "7.2.4", "redis-cluster-7-1.1.0", ("8.0.1", "redis-cluster-8-1.1.0"), ("7.2.5", "redis-cluster-7-1.1.0")));

    [Theory]
    [InlineData("serviceVersion: 8.0.1", "redis-cluster-8-1.1.0")]
    [InlineData("serviceVersion: 8.0.1, componentDef: redis-cluster-8", "redis-cluster-8-1.1.0")]
    [InlineData("serviceVersion: 7.2.5", "redis-cluster-7-1.1.0")]
    public void Build_KubeBlocks_ResolvesTheDefinition(string change, string definition)
    {
        var shard = Built(Yaml(changes: $"[{{ component: shard, {change} }}]", kind: ClusterKind.Cluster), Sessions).Components[0];

        Assert.Equal(definition, shard.To.ComponentDef);
        Assert.Empty(shard.To.Images);
        Assert.Equal(("shard", "7.2.4", "redis-cluster-7-1.1.0"), (shard.Targets[0].Workload, shard.Targets[0].From.Version, shard.Targets[0].From.ComponentDef));
    }

    [Fact]
    public void Build_KubeBlocksWrongDefinitionOrVersion_NamesTheRightOne()
    {
        AssertError(Build(Yaml(changes: "[{ component: shard, serviceVersion: 8.0.1, componentDef: redis-cluster-7 }]", kind: ClusterKind.Cluster), Sessions), "/spec/changes/0/componentDef", 6, "comes with", "redis-cluster-8-1.1.0");
        AssertError(Build(Yaml(changes: "[{ component: shard, serviceVersion: 9.0.0 }]", kind: ClusterKind.Cluster), Sessions), "/spec/changes/0/serviceVersion", 6, "not installed", "8.0.1, 7.2.5");
    }

    [Fact]
    public void Build_NothingInSightYet_IsRefused() =>
        AssertError(Build(Yaml(), Orders.With(c => c with { Shards = [] })), "/spec/changes/0/component", 6, "in sight", "");

    [Fact]
    public void Defaults_ForACluster_ReadAndBuildAsTheyAre()
    {
        foreach (var (cluster, profile) in new[] { (Orders, Redis), (Clusters.Redis(1, available: ["7.2.5"]), Redis), (Sessions, Redis) })
        {
            var spec = PlanSpecDefaults.For(cluster, profile, []);
            var yaml = PlanSpecWriter.ToYaml(spec);
            var plan = Built(yaml, cluster, profile);
            Assert.Equal(cluster.Components[0].AvailableVersions[0], plan.Components[0].To.Version);
            Assert.Contains(plan.Components[0].Stages, s => s.Gate is not null);
            Assert.Equal(cluster.Components[0].Shards.Length > 1 ? 2 : 1, plan.Components[0].Stages.Length);
        }
        Assert.Equal("orders-7-2-5", PlanSpecDefaults.For(Orders, Redis, [new ChangeSpec { Component = "redis", ServiceVersion = "7.2.5" }]).Name);
    }
}
