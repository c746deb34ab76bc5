using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Planning;

/// <summary>Hooks that the cluster or its profile does not allow are errors of the plan, with their place in it.</summary>
public sealed class StageHookTests
{
    private static readonly EngineProfile Redis = ProfileLibrary.BuiltIn.Find("redis-cluster")!;
    private static readonly EngineProfile Generic = ProfileLibrary.BuiltIn.Find("generic")!;

    private static TopologySnapshot Orders => Clusters.Redis(2, available: ["7.2.5"]).With(c => c with
    {
        Shards = [.. c.Shards.Select(s => s with { Instances = [.. s.Instances.Select(m => m with { Images = Clusters.Images(("redis", "redis:7.2.4")) })] })],
    });

    private static Result<Plan> Build(string spec, TopologySnapshot? cluster = null, EngineProfile? profile = null, string target = "StatefulSetGroup")
    {
        var text = $$"""
            apiVersion: rollcall.dev/v1alpha1
            kind: RolloutPlan
            metadata: { name: p, namespace: demo }
            spec:
              target: { kind: {{target}}, name: orders }
              changes: [{ component: redis, serviceVersion: 7.2.5 }]
              {{spec}}
            """;
        var read = PlanSpecReader.Read(text);
        Assert.True(read.Ok, read.Refusal?.Message);
        return PlanBuilder.Build(read.Value, text, cluster ?? Orders, profile ?? Redis, "p1", "ann", Clusters.Now);
    }

    private static string Hook(string name = "save", string more = "", string on = "BeforeShard", string action = "exec: { command: [\"true\"] }") => $"{{ name: {name}, on: {on}, {more}{action} }}";

    private static void AssertError(Result<Plan> plan, string path, string message, string allowed)
    {
        Assert.False(plan.Ok);
        var error = plan.Refusal.Errors.FirstOrDefault(e => e.Path == path);
        Assert.True(error is not null, string.Join(" | ", plan.Refusal.Errors.Select(e => $"{e.Path} {e.Message}")));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, string.Join(", ", error.Allowed), StringComparison.Ordinal);
    }

    [Fact]
    public void Hook_ThatFits_IsInEveryStageBeforeTheStagesOwn()
    {
        var plan = Build($"hooks: [{Hook()}]\n  stages: [{{ name: all, shards: rest, hooks: [{Hook("mine")}] }}]");

        Assert.True(plan.Ok, plan.Refusal?.Message);
        Assert.Equal(["save", "mine"], Assert.Single(plan.Value.Components[0].Stages).Hooks.Select(h => h.Name));
    }

    [Fact]
    public void Hook_OfTheProfile_ComesFirst()
    {
        var profile = Redis with { Hooks = [new HookSpec { Name = "house", On = HookPoints.BeforeStage, Action = new ActionSpec { Exec = new ExecAction { Command = ["true"] } } }] };

        Assert.Equal(["house", "save"], Build($"hooks: [{Hook()}]", profile: profile).Value!.Components[0].Stages[0].Hooks.Select(h => h.Name));
        AssertError(Build($"hooks: [{Hook("house")}]", profile: profile), "/spec/hooks/0/name", "A hook 'house' is there already", "");
    }

    [Fact]
    public void Hook_OfAStageWithANameOfThePlan_IsAnError() =>
        AssertError(Build($"hooks: [{Hook()}]\n  stages: [{{ name: all, shards: rest, hooks: [{Hook()}] }}]"), "/spec/stages/0/hooks/0/name", "names tell their steps apart", "");

    [Fact]
    public void Hook_ForARoleThatTheProfileDoesNotKnow_IsAnError() =>
        AssertError(Build($"hooks: [{Hook(more: "roles: [arbiter, primary], ")}]"), "/spec/hooks/0/roles", "knows no role arbiter.", "secondary");

    [Fact]
    public void Hook_AroundASwitchoverWhereNobodyLeads_IsAnError()
    {
        AssertError(Build($"hooks: [{Hook(on: "AfterSwitchover")}]", profile: Generic), "/spec/hooks/0/on", "knows no leader", "AfterShard");
        Assert.True(Build($"hooks: [{Hook(on: "AfterSwitchover")}]").Ok);
    }

    [Fact]
    public void Hook_WithAnOpsRequestForStatefulSets_IsAnError() =>
        AssertError(Build($"hooks: [{Hook(action: "ops: { opsDefinition: warm-up }")}]"), "/spec/hooks/0/ops", "Only a KubeBlocks Cluster", "webhook");

    [Fact]
    public void Hook_InAContainerThatNobodyHas_IsAnError()
    {
        AssertError(Build($"hooks: [{Hook(action: "exec: { container: sidecar, command: [\"true\"] }")}]"), "/spec/hooks/0/exec/container", "No member has a container sidecar.", "redis");
        Assert.True(Build($"hooks: [{Hook(action: "exec: { container: redis, command: [\"true\"] }")}]").Ok);
        // Which containers there are is not known while no Pod is there.
        Assert.True(Build($"hooks: [{Hook(action: "exec: { container: sidecar, command: [\"true\"] }")}]", Clusters.Redis(2, available: ["7.2.5"])).Ok);
    }

    [Fact]
    public void Backup_OfStatefulSets_IsAnErrorThatNamesTheHook() =>
        AssertError(Build("safety: { backup: { maxAge: 24h } }"), "/spec/safety/backup", "these are StatefulSets", "a hook at BeforeStage");

    [Fact]
    public void Finaliser_ComesLastWithItsSoakAndGate()
    {
        var level = new FinaliserSpec("Raise the level") { Check = ["level"], Raised = "x", Raise = ["raise"], Soak = TimeSpan.FromHours(3) };
        var stage = Build("finalise: {}", profile: Redis with { Finaliser = level }).Value!.Components[^1].Stages[^1];
        Assert.Equal((true, TimeSpan.FromHours(3), 1), (stage.Finalises, stage.Soak, stage.Gate!.Approvals));

        stage = Build("finalise: { soak: 5m, gate: { approvals: 2 } }", profile: Redis with { Finaliser = level }).Value!.Components[^1].Stages[^1];
        Assert.Equal((TimeSpan.FromMinutes(5), 2), (stage.Soak, stage.Gate!.Approvals));
    }

    [Fact]
    public void Analysis_ThatNobodyCanMeasure_IsAnErrorAtItsLine()
    {
        var text = """
            apiVersion: rollcall.dev/v1alpha1
            kind: RolloutPlan
            metadata: { name: p, namespace: demo }
            spec:
              target: { kind: StatefulSetGroup, name: orders }
              changes: [{ component: redis, serviceVersion: 7.2.5 }]
              stages:
              - name: all
                shards: rest
                analysis:
                - { name: errors, json: { source: shop, url: /x, path: $.n }, max: 1 }
                - { name: p99, prometheus: up, max: 1 }
            """;
        Plan Built(Func<AnalysisSpec, string?>? unmeasurable) => PlanBuilder.Build(PlanSpecReader.Read(text).Value!, text, Orders, Redis, "p1", "ann", Clusters.Now, unmeasurable: unmeasurable).Value!;

        var finding = Assert.Single(Built(a => a.Prometheus is null ? null : "Nobody is there to ask.").Findings, f => f.Rule == "Analysis");

        Assert.Equal((Severity.Error, "Analysis p99 of stage all cannot be measured, so the run would stop there. Nobody is there to ask.", "/spec/stages/0/analysis/1", 12), (finding.Severity, finding.Message, finding.Path, finding.Line));
        Assert.DoesNotContain(Built(null).Findings, f => f.Rule == "Analysis");
    }
}
