using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Rollcall.Unit.Decisions.Rules;
using Xunit;

namespace Rollcall.Unit.Planning;

/// <summary>The planner's side of the rules about what a change may be: both verdicts of each.</summary>
public sealed class ChangeRuleTests
{
    private static SwitchoverSpec Says(params string[] command) => new() { On = "to", Command = [.. command] };

    [Theory]
    [InlineData("redis-cli CLUSTER FAILOVER", null)]
    [InlineData("redis-cli CLUSTER FAILOVER FORCE", "CLUSTER FAILOVER FORCE")]
    [InlineData("redis-cli cluster failover takeover", "cluster failover takeover")]
    [InlineData("redis-cli FAILOVER TO a 6379", null)]
    [InlineData("redis-cli FAILOVER TO a 6379 FORCE TIMEOUT 10", "FAILOVER TO a 6379 FORCE")]
    [InlineData("redis-cli REPLICAOF NO ONE", "REPLICAOF NO ONE")]
    [InlineData("patronictl switchover --leader a --candidate b --force", null)]
    [InlineData("patronictl failover --candidate b --force", "patronictl failover")]
    [InlineData("mongosh --eval 'rs.stepDown(60)'", null)]
    [InlineData("mongosh --eval 'db.adminCommand({replSetStepDown: 60, force: true})'", "force: true")]
    [InlineData("vtctldclient PlannedReparentShard --new-primary x ks/0", null)]
    [InlineData("vtctldclient EmergencyReparentShard ks/0", "EmergencyReparentShard")]
    public void Forced_WordsOfForce_AreFound(string command, string? word)
    {
        Assert.Equal(word, NoForcedHandover.Forced(Says("sh", "-c", command)));
        Assert.Equal(word, NoForcedHandover.Forced(Says(command.Split(' '))));
    }

    [Fact]
    public void Forced_NoSwitchover_IsNone() => Assert.Null(NoForcedHandover.Forced(null));

    [Fact]
    public void Forced_BuiltIn_None() => Assert.All(ProfileLibrary.BuiltIn.All, p => Assert.Null(NoForcedHandover.Forced(p.Switchover)));

    [Theory]
    [InlineData(false, false, null, true)]
    [InlineData(true, false, Severity.Error, false)]
    [InlineData(true, true, Severity.Warning, true)]
    public void Forced_NeedsAcknowledgement_BeforeAndWhileItRuns(bool forced, bool acknowledged, Severity? severity, bool allows)
    {
        var bench = new ShardBench();
        bench.Plan = bench.Plan with
        {
            Profile = Make.Redis with { Switchover = Says("redis-cli", "CLUSTER", "FAILOVER", forced ? "FORCE" : "") },
            Spec = bench.Plan.Spec with { Acknowledge = acknowledged ? [Acknowledgements.ForcedHandover] : [] },
        };

        Assert.Equal(severity, NoForcedHandover.Check(bench.Plan.Profile, bench.Plan.Spec)?.Severity);
        var verdict = NoForcedHandover.Check(bench.Context);
        Assert.Equal((allows, !allows), (verdict.Allows, verdict.Stop));
    }

    [Theory]
    [InlineData(null, 15, false)]
    [InlineData(0, 0, true)]
    [InlineData(1, 0, false)]
    [InlineData(24, 15, true)]
    [InlineData(25, 15, false)]
    [InlineData(30, 15, false)]
    public void Grace_MustCoverTheStopAndTenSeconds(int? grace, int stop, bool refused)
    {
        var workload = Make.Cluster().Components[0].Workloads[0] with { GraceSeconds = grace };

        var finding = GraceCoversHandover.Check(workload, Make.Redis with { Stop = TimeSpan.FromSeconds(stop) }, "/spec");

        Assert.Equal(refused, finding is { Severity: Severity.Error });
        if (grace == 24)
            Assert.Equal("orders-a has a terminationGracePeriod of 24 s, but a member needs up to 15 s to stop and 10 s more: the kubelet would kill it in the middle. Set terminationGracePeriodSeconds to 25 or more.", finding!.Message);
    }

    private static PlannedComponent Staged(int shards, params PlannedStage[] stages)
    {
        var plan = Make.Plan(Make.Cluster(shards));
        return plan.Components[0] with { Stages = [.. stages] };
    }

    private static PlannedStage Stage(string name, TimeSpan soak, params string[] shards) => new() { Name = name, Shards = [.. shards], Soak = soak };

    public static TheoryData<PlannedComponent, Severity?> Canaries => new()
    {
        { Staged(2, Stage("all", default, "shard-a", "shard-b")), null },
        { Staged(3, Stage("all", default, "shard-a", "shard-b", "shard-c")), Severity.Warning },
        { Staged(3, Stage("canary", TimeSpan.FromMinutes(1), "shard-a"), Stage("rest", default, "shard-b", "shard-c")), null },
        { Staged(3, Stage("canary", default, "shard-a"), Stage("rest", default, "shard-b", "shard-c") with { Gate = new GateSpec() }), null },
        { Staged(3, Stage("canary", default, "shard-a"), Stage("rest", default, "shard-b", "shard-c")), Severity.Info },
        { Staged(3, Stage("followers", default, "shard-a") with { Roles = "followers" }, Stage("leader", TimeSpan.FromMinutes(1), "shard-a") with { Roles = "leader" }, Stage("rest", default, "shard-b", "shard-c")), null },
    };

    [Theory]
    [MemberData(nameof(Canaries))]
    public void Canary_ThreeShardsOrMore_OneGoesFirstAndSoaks(PlannedComponent component, Severity? severity) => Assert.Equal(severity, CanaryFirst.Check(component)?.Severity);

    [Fact]
    public void Canary_ProfileTakesAllInOne_ComposeProposesOneFirst()
    {
        ImmutableArray<StageSpec> all = [new StageSpec { Name = "all", Shards = new ShardSelector { Rest = true }, Gate = new GateSpec() }];

        Assert.Equal(all, CanaryFirst.Propose(all, 2));
        var proposed = CanaryFirst.Propose(all, 3);
        Assert.Equal(["canary", "all"], proposed.Select(s => s.Name));
        Assert.Equal((1, CanaryFirst.Soak), (proposed[0].Shards.Count, proposed[0].Soak));
        Assert.NotNull(proposed[0].Gate);
    }

    [Theory]
    [InlineData("parameters", "Change parameters by themselves")]
    [InlineData("config", "Change parameters by themselves")]
    [InlineData("storage", "they never shrink")]
    [InlineData("volumeClaimTemplates", "Grow volumes by themselves")]
    [InlineData("resources", "one kind of change at a time")]
    [InlineData("replicas", "one kind of change at a time")]
    [InlineData("template", "one kind of change at a time")]
    public void Change_OfAnotherKind_IsRefusedWithTheRule(string key, string said)
    {
        var read = PlanSpecReader.Read($$"""
            apiVersion: rollcall.dev/v1alpha1
            kind: RolloutPlan
            metadata: { name: x, namespace: demo }
            spec:
              target: { kind: StatefulSetGroup, name: orders }
              changes: [ { component: redis, serviceVersion: 7.2.5, {{key}}: { a: 1 } } ]
            """);

        var error = Assert.Single(read.Refusal!.Errors);
        Assert.Equal($"/spec/changes/0/{key}", error.Path);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    /// <summary>orders-a-0 runs the template's images, but its StatefulSet has a newer revision.</summary>
    private static (PlannedComponent Planned, Component Live) Behind(bool behind, string revision = "r1")
    {
        var cluster = Make.Cluster(1);
        var live = cluster.Components[0];
        live = live with { Shards = [live.Shards[0] with { Instances = [.. live.Shards[0].Instances.Select((m, i) => m with { Revision = revision, Updated = i != 0 || !behind })] }] };
        return (Make.Plan(cluster).Components[0], live);
    }

    [Theory]
    [InlineData(false, false, null)]
    [InlineData(true, false, Severity.Error)]
    [InlineData(true, true, Severity.Warning)]
    public void OneKind_AChangeWaitsInTheTemplate_NeedsAcknowledgement(bool behind, bool acknowledged, Severity? severity)
    {
        var (planned, live) = Behind(behind);
        var spec = Make.Plan(Make.Cluster(1)).Spec with { Acknowledge = acknowledged ? [Acknowledgements.OtherChanges] : [] };

        var finding = OneKindOfChange.Check(planned, live, spec, "/spec/changes/0");

        Assert.Equal(severity, finding?.Severity);
        if (behind)
            Assert.Contains("member orders-a-0 runs the images of its template but not its present revision", finding!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneKind_MemberLeftOnTheOldImageByAnAbortedRun_IsNoOtherChange()
    {
        var (planned, live) = Behind(true);
        live = live with { Workloads = [live.Workloads[0] with { Images = ShardBench.Images("7.2.5"), TargetVersion = "7.2.5" }] };

        Assert.Null(OneKindOfChange.Check(planned, live, Make.Plan(Make.Cluster(1)).Spec, "/spec"));
    }

    [Fact]
    public void OneKind_KubeBlocks_HasNoRevisionsToTell()
    {
        var (planned, live) = Behind(true, revision: "");

        Assert.Null(OneKindOfChange.Check(planned, live, Make.Plan(Make.Cluster(1)).Spec, "/spec"));
    }

    [Theory]
    [InlineData("redis-7", "redis-7", false)]
    [InlineData("redis-7", "redis-8", true)]
    [InlineData("", "redis-8", false)]
    public void ConfigDirection_AnotherDefinition_IsSaid(string from, string to, bool said)
    {
        var component = Make.Plan(Make.Cluster(1)).Components[0];
        component = component with { Targets = [.. component.Targets.Select(t => t with { From = t.From with { ComponentDef = from }, To = t.To with { ComponentDef = to } })] };

        Assert.Equal(said, ConfigDirection.Check(component, "/spec") is { Severity: Severity.Info });
    }

    [Fact]
    public void NoOp_WhatRunsTheVersionAlready_IsLeftAloneAndSaid()
    {
        var cluster = Clusters.Redis(3, available: ["7.2.5"]);
        var other = Clusters.StatefulSets("proxy", ["proxy"], 1, "1.0", ["1.1"], "docker.io/library/envoy");
        cluster = cluster with { Components = [.. cluster.Components, other] };
        var spec = PlanSpecDefaults.For(cluster, ProfileLibrary.BuiltIn.Find("generic")!, [new ChangeSpec { Component = "redis", ServiceVersion = "7.2.4" }, new ChangeSpec { Component = "proxy", ServiceVersion = "1.1" }]);

        var plan = PlanBuilder.Build(spec with { Acknowledge = ["singleton"] }, PlanSpecWriter.ToYaml(spec), cluster, ProfileLibrary.BuiltIn.Find("generic")!, "p", "ann", Clusters.Now).Value!;

        Assert.Equal(["proxy"], plan.Components.Select(c => c.Name));
        Assert.Contains(plan.Findings, f => f.Rule == NoOpSuppression.Name && f.Message == "redis runs 7.2.4 already, every member of it; it is left alone.");
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "redis: 1 member runs 7.2.5 already and is not replaced.")]
    [InlineData(2, "redis: 2 members run 7.2.5 already and are not replaced.")]
    public void NoOp_MembersThereAlready_AreSaid(int there, string? said)
    {
        var cluster = Make.Cluster(1);
        var live = cluster.Components[0] with { Shards = [cluster.Components[0].Shards[0] with { Instances = [.. cluster.Components[0].Shards[0].Instances.Select((m, i) => i < there ? m.On("7.2.5") : m)] }] };

        Assert.Equal(said, NoOpSuppression.Check(Make.Plan(cluster).Components[0], live, "/spec")?.Message);
    }

    [Theory]
    [InlineData("3.4.30", "3.5.17", null)]
    [InlineData("3.4.30", "3.6.1", "redis: from 3.4.30 to 3.6.1 is a hop over 2 minor versions; a rolling change goes at most 1 minor version at a time.")]
    [InlineData("3.6.1", "3.5.17", null)]
    [InlineData("3.6.1", "4.0.0", "redis: from 3.6.1 to 4.0.0 is a hop over 1 major version; a rolling change goes only within major version 3.")]
    public void VersionStep_Minors_AreCountedWithinOneMajor(string from, string to, string? said)
    {
        var component = Make.Plan(Make.Cluster(1)).Components[0];
        component = component with { From = component.From with { Version = from }, To = component.To with { Version = to } };

        Assert.Equal(said, VersionStep.Check(component, new VersionSpec { MaxMajorStep = 0, MaxMinorStep = 1 }, "/spec")?.Message);
    }

    [Fact]
    public void Safety_NewLimits_AreReadWrittenAndReadAgain()
    {
        var spec = Make.Plan(Make.Cluster(1)).Spec with
        {
            Safety = new SafetySpec { Cooldown = new CooldownSpec { Member = TimeSpan.FromSeconds(30), Shard = TimeSpan.FromMinutes(1), Zone = TimeSpan.Zero }, ZoneExclusive = false, PartlyUpdatedShards = 2, RestoreLeaders = true },
        };

        var yaml = PlanSpecWriter.ToYaml(spec);
        Assert.Contains("cooldown: { member: 30s, shard: 1m, zone: 0s }", yaml, StringComparison.Ordinal);
        Assert.Equal(spec.Safety, PlanSpecReader.Read(yaml).Value!.Safety);
    }
}
