using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Planning;

public sealed class PlanRuleTests
{
    private static readonly EngineProfile Redis = ProfileLibrary.BuiltIn.Find("redis-cluster")!;
    private static readonly EngineProfile Postgres = ProfileLibrary.BuiltIn.Find("postgresql-patroni")!;
    private static readonly EngineProfile Generic = ProfileLibrary.BuiltIn.Find("generic")!;

    private static Plan Plan(TopologySnapshot cluster, EngineProfile profile, string to, string more = "", string? owner = null)
    {
        var text = PlanSpecWriter.ToYaml(PlanSpecDefaults.For(cluster, profile, [new ChangeSpec { Component = cluster.Components[0].Name, ServiceVersion = to }])) + more;
        var spec = PlanSpecReader.Read(text);
        Assert.True(spec.Ok, spec.Refusal?.Message);
        var plan = PlanBuilder.Build(spec.Value, text, cluster, profile, "p", "ann", Clusters.Now, owner);
        Assert.True(plan.Ok, plan.Refusal?.Message);
        return plan.Value;
    }

    private static string Said(Plan plan, string rule) => string.Join(" | ", plan.Findings.Where(f => f.Rule == rule).Select(f => $"{f.Severity}: {f.Message}"));

    public static TheoryData<string, string, string, string> Hops => new()
    {
        // profile, from, to, findings of the three version rules
        { "redis-cluster", "7.2.4", "7.2.5", "" },
        { "redis-cluster", "7.2.4", "8.0.1", "Warning FormatCompatible" },
        { "redis-cluster", "7.2.9", "7.2.10", "" },
        { "redis-cluster", "6.2.14", "8.0.1", "Error VersionStep, Warning FormatCompatible" },
        { "redis-cluster", "7.2.5", "7.2.4", "" },
        { "redis-cluster", "7.4.2", "7.2.8", "Error FormatCompatible, Error SkewDirection" },
        { "redis-cluster", "8.0.1", "7.4.0", "Error FormatCompatible, Error SkewDirection" },
        { "redis-cluster", "7.2.4", "latest", "Warning FormatCompatible, Warning FormatCompatible, Warning SkewDirection, Warning VersionStep" },
        { "postgresql-patroni", "16.4", "16.10", "" },
        { "postgresql-patroni", "16.10", "16.9", "" },
        { "postgresql-patroni", "16.4", "17.2", "Error VersionStep" },
        { "postgresql-patroni", "17.2", "16.4", "Error FormatCompatible, Error VersionStep" },
        { "generic", "2.3.0", "9.0.0", "" },
        { "generic", "2.3.0", "1.0.0", "" },
        { "generic", "2.3.0", "latest", "" },
    };

    [Theory]
    [MemberData(nameof(Hops))]
    public void VersionRules_Hop_AllowedOrNot(string profile, string from, string to, string expected)
    {
        var plan = Plan(Clusters.Redis(3, 3, from, to), ProfileLibrary.BuiltIn.Find(profile)!, to);

        var found = plan.Findings.Where(f => f.Rule is VersionStep.Name or FormatCompatible.Name or SkewDirection.Name).Select(f => $"{f.Severity} {f.Rule}");
        Assert.Equal(expected, string.Join(", ", found.Order(StringComparer.Ordinal)));
        Assert.All(plan.Findings, f => Assert.True(f.Line > 0 || f.Path.Length == 0));
    }

    [Fact]
    public void VersionStep_Error_NamesTheHopAndTheSource() =>
        Assert.Equal("Error: redis: from 16.4 to 17.2 is a hop over 1 major version; a rolling change goes only within major version 16. Source: postgresql.org/docs/current/upgrading.html and postgresql.org/docs/current/warm-standby.html.",
            Said(Plan(Clusters.Redis(1, 3, "16.4", "17.2"), Postgres, "17.2"), VersionStep.Name));

    [Fact]
    public void VersionStep_ThirdVersionAlive_IsSaid() =>
        Assert.Contains("some members run 7.2.3", Said(Plan(Clusters.Redis(available: ["7.2.5"]).With(c => c with { Versions = ["7.2.4", "7.2.3"] }), Redis, "7.2.5"), VersionStep.Name));

    [Fact]
    public void FormatCompatible_NoWayBackPastTheSwitchover_IsSaidBefore()
    {
        var said = Said(Plan(Clusters.Redis(available: ["8.0.1"]), Redis, "8.0.1"), FormatCompatible.Name);

        Assert.StartsWith("Warning: redis: up to a shard's switchover its rollback is cheap; past it there is none, because 7.2.4 does not read files that 8.0.1 wrote", said);
        Assert.Contains("Restore the RDB files", said);
        Assert.Contains("redis/issues/14064", said);
        Assert.Contains("the profile rules it out", Said(Plan(Clusters.Redis(1, 3, "16.4", "16.6"), Postgres with { Rollback = new RollbackPolicy { AfterSwitchover = "no" } }, "16.6"), FormatCompatible.Name));
    }

    [Fact]
    public void Singleton_OneMember_NeedsAcknowledgement()
    {
        var one = Clusters.Redis(3, 1, available: ["7.2.5"]);

        var refused = Plan(one, Redis, "7.2.5");
        Assert.Contains("Error: redis: shards orders-a, orders-b, orders-c have one member each", Said(refused, SingletonAcknowledged.Name));
        Assert.Contains("acknowledge: [singleton]", Said(refused, SingletonAcknowledged.Name));
        Assert.StartsWith("Warning:", Said(Plan(one, Redis, "7.2.5", "  acknowledge: [singleton]\n"), SingletonAcknowledged.Name));
        Assert.Equal("", Said(Plan(Clusters.Redis(3, 2, available: ["7.2.5"]), Redis, "7.2.5"), SingletonAcknowledged.Name));
    }

    [Fact]
    public void Singleton_TwoVotersOfAQuorum_NeedAcknowledgement() =>
        Assert.Contains("too few voters", Said(Plan(Clusters.Redis(3, 2, available: ["7.2.5"]), Redis with { Quorum = true }, "7.2.5"), SingletonAcknowledged.Name));

    [Theory]
    [InlineData(1, "", "Error")]
    [InlineData(2, "", "Error")]
    [InlineData(2, "  acknowledge: [smallCluster]\n", "Warning")]
    [InlineData(3, "", "")]
    public void SmallCluster_NoMajorityOfLeaders_NeedsAcknowledgement(int shards, string more, string severity)
    {
        var said = Said(Plan(Clusters.Redis(shards, available: ["7.2.5"]), Redis, "7.2.5", more), SmallCluster.Name);

        Assert.StartsWith(severity, said);
        Assert.Equal(severity.Length == 0, said.Length == 0);
        Assert.Equal("", Said(Plan(Clusters.Redis(shards, available: ["16.5"], version: "16.4"), Postgres, "16.5"), SmallCluster.Name));
    }

    [Theory]
    [InlineData("Argo CD", "ignoreDifferences: [{ group: apps, kind: StatefulSet, name: orders-a, namespace: demo, jsonPointers: [/spec/template, /spec/updateStrategy] }]")]
    [InlineData("Flux", "kubectl -n demo annotate statefulset orders-a kustomize.toolkit.fluxcd.io/reconcile=disabled")]
    [InlineData("Helm", "helm upgrade")]
    [InlineData("Fleet", "Suspend Fleet for StatefulSet demo/orders-a")]
    public void ManagedElsewhere_Unacknowledged_IsAnErrorWithTheSnippet(string manager, string snippet)
    {
        var managed = Clusters.Redis(3, available: ["7.2.5"]).WithWorkloads(w => w with { ManagedBy = manager });

        Assert.Contains(snippet, Said(Plan(managed, Redis, "7.2.5"), ManagedElsewhere.Name));
        Assert.StartsWith("Error", Said(Plan(managed, Redis, "7.2.5"), ManagedElsewhere.Name));
        Assert.StartsWith("Warning", Said(Plan(managed, Redis, "7.2.5", "  acknowledge: [managedElsewhere]\n"), ManagedElsewhere.Name));
    }

    [Fact]
    public void Exposure_OneTemplateForAllShards_IsSaid()
    {
        var sharding = Clusters.KubeBlocks(Clusters.Sharding("shard", ["a", "b", "c"], 3, "7.2.4", "d-7", ("7.2.5", "d-7")));

        Assert.Contains("serves all 3 shards of shard", Said(Plan(sharding, Redis, "7.2.5"), SharedTemplateExposure.Name));
        Assert.Equal("", Said(Plan(Clusters.Redis(3, available: ["7.2.5"]), Redis, "7.2.5"), SharedTemplateExposure.Name));
    }

    [Fact]
    public void Blockers_ArePartitionsAndWhatTheObserverSays()
    {
        var cluster = Clusters.Redis(3, available: ["7.2.5"]);

        Assert.Contains("Error: orders-a cannot be rolled: it is cursed", Said(Plan(cluster.WithWorkloads(w => w with { Blockers = ["it is cursed"] }), Redis, "7.2.5"), WorkloadBlockers.Name));
        Assert.Contains("partition 2", Said(Plan(cluster.WithWorkloads(w => w with { Partition = 2 }), Redis, "7.2.5"), WorkloadBlockers.Name));
        Assert.Equal("", Said(Plan(cluster, Redis, "7.2.5"), WorkloadBlockers.Name));
    }

    [Theory]
    [InlineData("me", "Info")]
    [InlineData("other", "Error")]
    [InlineData(null, "Warning")]
    public void Held_ByWhom_Decides(string? owner, string severity)
    {
        var held = Clusters.Redis(3, available: ["7.2.5"]).WithWorkloads(w => w with { Held = new Custody("me", "run-1", Clusters.Now) });

        var said = Said(Plan(held, Redis, "7.2.5", owner: owner), WorkloadBlockers.Name);
        Assert.StartsWith(severity, said);
        Assert.Contains("since 2026-11-22 12:00 UTC", said);
        Assert.EndsWith("The same for objects orders-b, orders-c.", said); // said once, however many there are
    }

    [Fact]
    public void LagSource_NobodyMeasures_IsSaid()
    {
        var cluster = Clusters.Redis(3, available: ["7.2.5"]);

        Assert.Equal("", Said(Plan(cluster, Redis, "7.2.5"), LagSource.Name));
        Assert.StartsWith("Info: redis: the profile generic has no roles", Said(Plan(cluster, Generic, "7.2.5"), LagSource.Name));
        Assert.StartsWith("Warning: redis: the profile redis-cluster has no lag source", Said(Plan(cluster, Redis with { Lag = new LagSpec() }, "7.2.5"), LagSource.Name));
        var blind = cluster.With(c => c with
        {
            Shards = c.Shards.SetItem(0, c.Shards[0] with { Instances = [.. c.Shards[0].Instances.Select(i => i with { Probe = new Reading { At = Clusters.Now, Uid = i.Uid, Source = "redis-cli", CannotRun = true, Error = "exec forbidden" } })] }),
        });
        Assert.Contains("cannot run in orders-a-0 (exec forbidden)", Said(Plan(blind, Redis, "7.2.5"), LagSource.Name));
    }

    [Fact]
    public void LagSource_LimitInAnotherUnit_IsAnErrorAtItsLine()
    {
        var plan = Plan(Clusters.Redis(3, available: ["7.2.5"]), Redis, "7.2.5", "  safety: { lag: { maxSeconds: 5 } }\n");

        var finding = Assert.Single(plan.Findings, f => f.Rule == LagSource.Name);
        Assert.Equal((Severity.Error, "/spec/safety/lag/maxSeconds"), (finding.Severity, finding.Path));
        Assert.Equal("  safety: { lag: { maxSeconds: 5 } }", plan.SpecText.Split('\n')[finding.Line!.Value - 1]);
        Assert.Contains("give maxBytes", finding.Message);
    }

    [Fact]
    public void Switchover_LeaderWithoutOne_IsAnError()
    {
        Assert.StartsWith("Error", Said(Plan(Clusters.Redis(3, available: ["7.2.5"]), Redis with { Switchover = null }, "7.2.5"), SwitchoverAvailable.Name));
        Assert.Equal("", Said(Plan(Clusters.KubeBlocks(Clusters.Sharding("shard", ["a", "b", "c"], 3, "7.2.4", "d-7", ("7.2.5", "d-7"))), Redis with { Switchover = null }, "7.2.5"), SwitchoverAvailable.Name));
    }

    [Theory]
    [InlineData("*postgres*,*,*pool*", false, "postgresql alpha pgpool")]
    [InlineData("*postgres*,*,*pool*", true, "pgpool alpha postgresql")]
    [InlineData("*pool*", false, "pgpool alpha postgresql")]
    [InlineData("", false, "alpha pgpool postgresql")]
    public void ComponentOrder_Patterns_DecideAndReverseOnTheWayDown(string up, bool down, string expected)
    {
        var profile = Postgres with { ComponentsUp = [.. up.Split(',', StringSplitOptions.RemoveEmptyEntries)] };

        Assert.Equal(expected.Split(' '), ComponentOrder.Sort(profile, ["pgpool", "alpha", "postgresql"], n => n, down));
    }

    [Fact]
    public void ComponentOrder_OwnListForTheWayDown_Wins() =>
        Assert.Equal(["b", "a"], ComponentOrder.Sort(Postgres with { ComponentsUp = ["a", "b"], ComponentsDown = ["b", "a"] }, ["a", "b"], n => n, down: true));

    [Fact]
    public void ComponentOrder_UnknownToTheProfile_IsSaid()
    {
        var two = Clusters.Redis(3) with { Components = [Clusters.StatefulSets("b", ["b-x"], 3, "1.0", ["1.1"]), Clusters.StatefulSets("a", ["a-x"], 3, "1.0", ["1.1"])] };
        var text = PlanSpecWriter.ToYaml(PlanSpecDefaults.For(two, Generic, []));
        var plan = PlanBuilder.Build(PlanSpecReader.Read(text).Value!, text, two, Generic, "p", "ann", Clusters.Now).Value!;

        Assert.Equal(["a", "b"], plan.Components.Select(c => c.Name));
        Assert.Contains("does not say in which order a and b belong", Said(plan, ComponentOrder.Name));
    }

    [Theory]
    [InlineData("16.10", "16.9", 1)]
    [InlineData("7.2.4-bad", "7.2.4", 0)]
    [InlineData("v8.0.1", "8.0.1", 0)]
    [InlineData("8.0", "8.0.0", 0)]
    [InlineData("8.0.0-rc1", "8.0.0", -1)]
    [InlineData("8.0.1-alpine", "8.0.0", 1)]
    [InlineData("latest", "8.0.0", null)]
    [InlineData("", "8.0.0", null)]
    public void EngineVersion_Compare_NumberByNumber(string a, string b, int? expected) => Assert.Equal(expected, EngineVersion.Compare(a, b) is { } order ? Math.Sign(order) : null);

    [Theory]
    [InlineData("minor", "7.2.5", "7.2.4", true)]
    [InlineData("minor", "7.4.0", "7.2.4", false)]
    [InlineData("minor", "8.0.1", "7.2.4", false)]
    [InlineData("minor", "7.2.4", "8.0.1", true)]
    [InlineData("major", "16.10", "16.4", true)]
    [InlineData("major", "17.2", "16.4", false)]
    [InlineData("none", "16.10", "16.4", false)]
    [InlineData("none", "16.4", "16.4", true)]
    [InlineData("any", "17.2", "latest", true)]
    [InlineData("major", "17.2", "latest", false)]
    public void Readable_AsFarAsTheProfileSays(string reach, string newer, string older, bool expected)
    {
        Assert.Equal(expected, new VersionSpec { ReadableDown = reach }.Readable(newer, older));
        Assert.Equal(expected, new VersionSpec { ReadableDown = reach, FollowerNotOlder = true }.MayFollow(older, newer));
        Assert.True(new VersionSpec { ReadableDown = reach }.MayFollow(older, newer));
    }
}
