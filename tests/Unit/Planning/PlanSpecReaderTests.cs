using Rollcall.Engine.Decisions.Planning;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Planning;

public sealed class PlanSpecReaderTests
{
    /// <summary>The example of the design document, word for word.</summary>
    private const string Example = """
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: orders-redis-8, namespace: demo }
        spec:
          target: { kind: Cluster, name: orders }            # or StatefulSetGroup
          changes: [ { component: redis, serviceVersion: 8.0.1, componentDef: redis-cluster-8 } ]   # or images: { redis: "redis:8.0.1" }
          stages:                                             # left out: the profile's own stages
          - name: canary
            shards: { count: 1 }                              # or percent: 25, names: [a, b], or rest; of all shards, rounded up, by sorted key
            soak: 10m                                         # after the stage's last member
            hooks: [ { on: BeforeInstance, roles: [primary], exec: { container: redis, command: [redis-cli, BGSAVE] } } ]
            analysis: [ { name: p99, prometheus: "histogram_quantile(...)", max: 0.2, interval: 30s, failureLimit: 2 } ]
          - name: rest
            shards: rest
            gate: { approvals: 2, groups: [dba], deadline: 4h, onDeadline: hold }     # before the stage's first act; at: BeforeSwitchover asks later
          safety: { backup: { maxAge: 24h }, lag: { maxBytes: 1048576 } }            # maxSeconds where the engine has seconds
          rollback: { automatic: false, restoreLeaders: true }
        """;

    [Fact]
    public void Read_KeysThisBuildDoesNotActOn_AreRefusedWhereTheyStand()
    {
        var read = PlanSpecReader.Read(Example.Replace("    soak: 10m ", "    window: night", StringComparison.Ordinal));

        Assert.False(read.Ok);
        Assert.Equal(["/spec/stages/0/window:10"], read.Refusal.Errors.Select(e => $"{e.Path}:{e.Line}"));
        Assert.All(read.Refusal.Errors, e => Assert.Contains("not acted on by this build", e.Message));
    }

    [Theory]
    [InlineData("handoverWindow: { cron: '0 2 * *', duration: 2h, timeZone: UTC }", "/spec/safety/handoverWindow/cron")]
    [InlineData("handoverWindow: { cron: '0 2 30 2 *', duration: 2h, timeZone: UTC }", "/spec/safety/handoverWindow/cron")]
    [InlineData("handoverWindow: { cron: '0 2 * * *', duration: 2h, timeZone: Berlin }", "/spec/safety/handoverWindow/timeZone")]
    [InlineData("handoverWindow: { cron: '0 2 * * *', timeZone: UTC }", "/spec/safety/handoverWindow/duration")]
    [InlineData("freeze: [ { cron: '0 2 * * *', duration: 90d, timeZone: UTC } ]", "/spec/safety/freeze/0/duration")]
    [InlineData("freeze: []", "/spec/safety/freeze")]
    public void Read_WindowThatCannotBe_IsRefusedWhereItStands(string safety, string path)
    {
        var read = PlanSpecReader.Read($"apiVersion: rollcall.dev/v1alpha1\nkind: RolloutPlan\nmetadata: {{ name: a, namespace: b }}\nspec:\n  target: {{ kind: Cluster, name: c }}\n  changes: [ {{ component: d, serviceVersion: '1' }} ]\n  safety: {{ {safety} }}\n");

        Assert.False(read.Ok);
        Assert.Equal(path, Assert.Single(read.Refusal.Errors).Path);
    }

    [Theory]
    [InlineData("name: a, max: 1", "/prometheus")]
    [InlineData("name: a, prometheus: x", "/max")]
    [InlineData("name: a, prometheus: x, max: 1, min: 2", "/min")]
    [InlineData("name: a, prometheus: x, max: much", "/max")]
    [InlineData("name: a, prometheus: x, max: 1, json: { url: 'https://a.example', path: '$.x' }", "/json")]
    [InlineData("name: a, prometheus: 'x{{pod}}', max: 1", "/prometheus")]
    [InlineData("name: a, prometheus: 'x{{instance}}', max: 1", "/prometheus")]
    [InlineData("name: a, prometheus: x, max: 1, siblings: ratio", "/prometheus")]
    [InlineData("name: a, prometheus: x, max: 1, count: 2, failureLimit: 2", "/failureLimit")]
    [InlineData("name: a, json: { url: 'ftp://a.example', path: '$.x' }, max: 1", "/json/url")]
    [InlineData("name: a, json: { url: 'https://me@a.example', path: '$.x' }, max: 1", "/json/url")]
    [InlineData("name: a, json: { source: app, url: '//a.example', path: '$.x' }, max: 1", "/json/url")]
    [InlineData("name: a, json: { url: 'https://a.example', path: '$.x[?(' }, max: 1", "/json/path")]
    public void Read_AnalysisThatCannotBe_IsRefusedWhereItStands(string analysis, string path)
    {
        var read = PlanSpecReader.Read($"apiVersion: rollcall.dev/v1alpha1\nkind: RolloutPlan\nmetadata: {{ name: a, namespace: b }}\nspec:\n  target: {{ kind: Cluster, name: c }}\n  changes: [ {{ component: d, serviceVersion: '1' }} ]\n  stages: [ {{ name: e, shards: rest, analysis: [ {{ {analysis} }} ] }} ]\n");

        Assert.False(read.Ok);
        Assert.Equal("/spec/stages/0/analysis/0" + path, Assert.Single(read.Refusal.Errors).Path);
    }

    [Fact]
    public void Read_DesignExample_SaysWhatItSays()
    {
        var read = PlanSpecReader.Read(Example);

        Assert.True(read.Ok, read.Refusal?.Message);
        var spec = read.Value;
        Assert.Equal(new ClusterKey("demo", "orders"), spec.Cluster);
        Assert.Equal(ClusterKind.Cluster, spec.Target.Kind);
        Assert.Equal(("redis", "8.0.1", "redis-cluster-8"), (spec.Changes[0].Component, spec.Changes[0].ServiceVersion, spec.Changes[0].ComponentDef));
        Assert.Equal(["canary", "rest"], spec.Stages!.Value.Select(s => s.Name));
        Assert.Equal(1, spec.Stages.Value[0].Shards.Count);
        Assert.Equal(TimeSpan.FromMinutes(10), spec.Stages.Value[0].Soak);
        Assert.True(spec.Stages.Value[1].Shards.Rest);
        var gate = spec.Stages.Value[1].Gate!;
        Assert.Equal((2, TimeSpan.FromHours(4), "hold", "BeforeStage"), (gate.Approvals, gate.Deadline, gate.OnDeadline, gate.At));
        Assert.Equal(["dba"], gate.Groups);
        Assert.Equal(1048576, spec.Safety.LagMaxBytes);
        Assert.Equal(new BackupSpec { MaxAge = TimeSpan.FromHours(24) }, spec.Safety.Backup);
        var hook = Assert.Single(spec.Stages.Value[0].Hooks);
        Assert.Equal(("hook-1", HookPoints.BeforeInstance, "redis", "redis-cli BGSAVE", "pause"), (hook.Name, hook.On, hook.Action.Exec!.Container, hook.Action.Verbatim, hook.OnFailure));
        Assert.Equal(["primary"], hook.Roles);
        var analysis = Assert.Single(spec.Stages.Value[0].Analyses);
        Assert.Equal(new AnalysisSpec { Name = "p99", Prometheus = "histogram_quantile(...)", Max = 0.2, Interval = TimeSpan.FromSeconds(30), FailureLimit = 2, Count = 5 }, analysis);
        Assert.Equal(new RollbackSpec { RestoreLeaders = true }, spec.Rollback);
    }

    private static string Plan(string changes = "[{ component: redis, serviceVersion: 8.0.1 }]", string more = "", string kind = "StatefulSetGroup") =>
        $$"""
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: p, namespace: demo }
        spec:
          target: { kind: {{kind}}, name: orders }
          changes: {{changes}}
        {{more}}
        """;

    public static TheoryData<string, string, int, string, string> Wrong => new()
    {
        // text, pointer, line, part of the message, part of what is allowed
        { "", "", 1, "empty", "" },
        { "spec: [", "", 2, "neither YAML nor JSON", "" },
        { "- a", "", 1, "must be an object", "apiVersion" },
        { "a: 1\n---\nb: 2", "", 2, "second document", "" },
        { Plan().Replace("v1alpha1", "v1"), "/apiVersion", 1, "rollcall.dev/v1", "rollcall.dev/v1alpha1" },
        { Plan().Replace("RolloutPlan", "Rollout"), "/kind", 2, "'Rollout'", "RolloutPlan" },
        { Plan().Replace("name: p,", "name: P_1,"), "/metadata/name", 3, "DNS label", "DNS label" },
        { Plan().Replace(", namespace: demo", ""), "/metadata/namespace", 3, "needs 'namespace'", "namespace" },
        { Plan().Replace("namespace: demo", "namespace: demo, labels: {}"), "/metadata/labels", 3, "no key 'labels'", "namespace" },
        { Plan(kind: "Deployment"), "/spec/target/kind", 5, "'Deployment'", "StatefulSetGroup" },
        { Plan().Replace("  target", "  targets"), "/spec/targets", 5, "no key 'targets'", "target" },
        { Plan().Replace("  target", "  targets"), "/spec/target", 4, "needs 'target'", "" },
        { Plan("[]"), "/spec/changes", 6, "empty", "" },
        { Plan(""), "/spec/changes", 6, "no value", "" },
        { Plan("redis"), "/spec/changes", 6, "must be a list", "" },
        { Plan("[{ component: redis }]"), "/spec/changes/0/serviceVersion", 6, "wants nothing", "images" },
        { Plan("[{ component: redis, serviceVersion: 8.0.1, images: { redis: \"redis:8.0.1\" } }]"), "/spec/changes/0/images", 6, "not both", "serviceVersion" },
        { Plan("[{ component: redis, serviceVersion: 8, componentDef: d }]"), "/spec/changes/0/componentDef", 6, "no ComponentDefinition", "images" },
        { Plan("[{ component: redis, images: { redis: \"redis:8\" } }]", kind: "Cluster"), "/spec/changes/0/images", 6, "serviceVersion", "componentDef" },
        { Plan("[{ component: redis, images: { redis: \"red is\" } }]"), "/spec/changes/0/images/redis", 6, "image reference", "" },
        { Plan("[{ component: redis, images: {} }]"), "/spec/changes/0/images", 6, "empty", "" },
        { Plan("[{ component: redis, serviceVersion: \"8 0\" }]"), "/spec/changes/0/serviceVersion", 6, "image tag", "" },
        { Plan("[{ component: redis, serviceVersion: 8 }, { component: redis, serviceVersion: 9 }]"), "/spec/changes/1/component", 6, "changed twice", "" },
        { Plan("[{ component: redis, serviceVersion: 8, replicas: 5 }]"), "/spec/changes/0/replicas", 6, "not acted on", "serviceVersion" },
        { Plan(more: "  stages: []"), "/spec/stages", 7, "empty", "at least one" },
        { Plan(more: "  stages:"), "/spec/stages", 7, "no value", "" },
        { Plan(more: "  stages:\n  - shards: rest"), "/spec/stages/0/name", 8, "needs 'name'", "" },
        { Plan(more: "  stages:\n  - name: a"), "/spec/stages/0/shards", 8, "needs 'shards'", "" },
        { Plan(more: "  stages:\n  - { name: a, shards: all }"), "/spec/stages/0/shards", 8, "'all'", "rest" },
        { Plan(more: "  stages:\n  - { name: a, shards: {} }"), "/spec/stages/0/shards", 8, "chooses nothing", "rest" },
        { Plan(more: "  stages:\n  - { name: a, shards: { count: 1, percent: 5 } }"), "/spec/stages/0/shards", 8, "one way only", "rest" },
        { Plan(more: "  stages:\n  - { name: a, shards: { percent: 0 } }"), "/spec/stages/0/shards/percent", 8, "from 1 to 100", "1 to 100" },
        { Plan(more: "  stages:\n  - { name: a, shards: { percent: 101 } }"), "/spec/stages/0/shards/percent", 8, "from 1 to 100", "1 to 100" },
        { Plan(more: "  stages:\n  - { name: a, shards: { percent: 25% } }"), "/spec/stages/0/shards/percent", 8, "whole number", "1 to 100" },
        { Plan(more: "  stages:\n  - { name: a, shards: { count: 0 } }"), "/spec/stages/0/shards/count", 8, "from 1", "1 to" },
        { Plan(more: "  stages:\n  - { name: a, shards: { count: 1.5 } }"), "/spec/stages/0/shards/count", 8, "whole number", "1 to" },
        { Plan(more: "  stages:\n  - { name: a, shards: { names: [] } }"), "/spec/stages/0/shards/names", 8, "at least one", "" },
        { Plan(more: "  stages:\n  - { name: a, shards: { names: [x, x] } }"), "/spec/stages/0/shards/names/1", 8, "twice", "" },
        { Plan(more: "  stages:\n  - { name: a, shards: { count: 1 } }\n  - { name: a, shards: rest }"), "/spec/stages/1/name", 9, "Two stages", "" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, roles: primary }"), "/spec/stages/0/roles", 8, "'primary'", "followers" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, soak: 10 }"), "/spec/stages/0/soak", 8, "30s", "0s to 7d" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, soak: 8d }"), "/spec/stages/0/soak", 8, "up to 7d", "0s to 7d" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, shardsAtOnce: 0 }"), "/spec/stages/0/shardsAtOnce", 8, "from 1", "" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, gate: { approvals: 0 } }"), "/spec/stages/0/gate/approvals", 8, "from 1 to 20", "1 to 20" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, gate: { deadline: 0s } }"), "/spec/stages/0/gate/deadline", 8, "from 1s", "1s to 30d" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, gate: { groups: [a, b] } }"), "/spec/stages/0/gate/groups", 8, "each of 2 groups but only for 1", "approvals: 2" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, gate: { groups: [] } }"), "/spec/stages/0/gate/groups", 8, "empty", "" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, gate: { deadline: 4h, onDeadline: approve } }"), "/spec/stages/0/gate/onDeadline", 8, "'approve'", "rollback" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, gate: { onDeadline: abort } }"), "/spec/stages/0/gate/onDeadline", 8, "without a 'deadline'", "" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, gate: { groups: [dba], from: [sre] } }"), "/spec/stages/0/gate/groups", 8, "only lets sre count", "add dba" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, gate: { from: [] } }"), "/spec/stages/0/gate/from", 8, "empty", "" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, gate: { remind: 5m } }"), "/spec/stages/0/gate/remind", 8, "without a 'deadline'", "" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, gate: { deadline: 5m, remind: 5m } }"), "/spec/stages/0/gate/remind", 8, "shorter than the deadline", "" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, gate: { at: Later } }"), "/spec/stages/0/gate/at", 8, "'Later'", "BeforeSwitchover" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, roles: followers, gate: { at: BeforeSwitchover } }"), "/spec/stages/0/gate/at", 8, "never be asked", "BeforeStage" },
        { Plan(more: "  stages:\n  - { name: a, shards: rest, gate: true }"), "/spec/stages/0/gate", 8, "must be an object", "approvals" },
        { Plan(more: "  safety: { lag: { maxBytes: -1 } }"), "/spec/safety/lag/maxBytes", 7, "whole number", "" },
        { Plan(more: "  safety: { lag: { maxBytes: 1, maxSeconds: 1 } }"), "/spec/safety/lag/maxSeconds", 7, "not both", "maxBytes" },
        { Plan(more: "  safety: { lag: {} }"), "/spec/safety/lag", 7, "limits nothing", "maxSeconds" },
        { Plan(more: "  safety: { readyDeadline: 1s }"), "/spec/safety/readyDeadline", 7, "from 10s up to 1d", "10s to 1d" },
        { Plan(more: "  safety: { backup: {} }"), "/spec/safety/backup", 7, "asks for nothing", "take" },
        { Plan(more: "  safety: { backup: { take: { policy: p } } }"), "/spec/safety/backup/take/method", 7, "needs 'method'", "method" },
        { Plan(more: "  safety: { backup: { maxAge: 31d } }"), "/spec/safety/backup/maxAge", 7, "31d", "1m to 30d" },
        { Plan(more: "  rollback: { automatic: yes }"), "/spec/rollback/automatic", 7, "true or false", "true" },
        { Plan(more: "  acknowledge: [everything]"), "/spec/acknowledge", 7, "'everything'", "singleton" },
        { Plan(more: "  finalise: { soak: soon }"), "/spec/finalise/soak", 7, "30s", "0s to 7d" },
        { Plan(more: "  finalise: { after: 1h }"), "/spec/finalise/after", 7, "no key 'after'", "soak" },
        { Plan(more: "  hooks: []"), "/spec/hooks", 7, "'hooks' is empty", "at least one entry" },
        { Plan(more: "  hooks: [ { on: BeforeStage } ]"), "/spec/hooks/0/exec", 7, "runs nothing", "webhook" },
        { Plan(more: "  hooks: [ { on: Sometimes, exec: { command: [x] } } ]"), "/spec/hooks/0/on", 7, "'Sometimes' is not a value", "BeforeRollback" },
        { Plan(more: "  hooks: [ { on: BeforeStage, exec: { command: [x] }, job: { image: a } } ]"), "/spec/hooks/0/job", 7, "exec or job, not both", "ops" },
        { Plan(more: "  hooks: [ { on: BeforeStage, roles: [a], webhook: { url: 'https://x/y' } } ]"), "/spec/hooks/0/roles", 7, "a webhook runs in none", "leave it out, or on: BeforeInstance or AfterInstance" },
        { Plan(more: "  hooks: [ { on: BeforeStage, webhook: { url: 'https://me:pw@x/y' } } ]"), "/spec/hooks/0/webhook/url", 7, "must not hold a user or password", "https://host/path" },
        { Plan(more: "  hooks: [ { on: AfterRollback, exec: { command: [x] }, onFailure: rollback } ]"), "/spec/hooks/0/onFailure", 7, "cannot be answered by a rollback", "continue" },
        { Plan(more: "  hooks: [ { on: AfterStage, exec: { command: [x] }, timeout: 7h } ]"), "/spec/hooks/0/timeout", 7, "7h", "1s to 6h" },
        { Plan(more: "  hooks: [ { name: a, on: AfterStage, exec: { command: [x] } }, { name: a, on: AfterStage, exec: { command: [x] } } ]"), "/spec/hooks/1/name", 7, "Two hooks", "" },
        { Plan(more: "  rollback: {}\n  rollback: {}"), "/spec/rollback", 8, "given twice; the first is on line 7", "" },
        { Plan(more: "  acknowledge: [!!binary aGk=]"), "/spec/acknowledge/0", 7, "tag", "" },
        { Plan(more: "  ? [a]\n  : b"), "/spec", 7, "key must be a word", "" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Read_Wrong_NamesPointerLineAndWhatIsAllowed(string text, string pointer, int line, string message, string allowed)
    {
        var read = PlanSpecReader.Read(text);

        Assert.False(read.Ok);
        Assert.Equal(RefusalKind.Invalid, read.Refusal.Kind);
        var error = read.Refusal.Errors.FirstOrDefault(e => e.Path == pointer && e.Message.Contains(message, StringComparison.Ordinal));
        Assert.True(error is not null, $"Wanted {pointer} '{message}', got: {string.Join(" | ", read.Refusal.Errors.Select(e => $"{e.Path}:{e.Line} {e.Message}"))}");
        Assert.Equal(line, error.Line);
        Assert.Contains(allowed, string.Join(", ", error.Allowed));
    }

    [Fact]
    public void Read_SeveralErrors_CollectsThemAllByLine()
    {
        var read = PlanSpecReader.Read(Plan("[{ component: redis }]", "  stages: []\n  magic: 1").Replace("kind: RolloutPlan", "kind: X"));

        Assert.Equal(["/kind", "/spec/changes/0/serviceVersion", "/spec/stages", "/spec/magic"], read.Refusal!.Errors.Select(e => e.Path));
        Assert.Contains("line 2", read.Refusal.Message);
        Assert.Contains("3 more", read.Refusal.Message);
    }

    [Fact]
    public void Read_Json_ReadsTheSame()
    {
        const string json = """
            {
            	"apiVersion": "rollcall.dev/v1alpha1", "kind": "RolloutPlan",
            	"metadata": { "name": "p", "namespace": "demo" },
            	"spec": {
            		"target": { "kind": "StatefulSetGroup", "name": "orders" },
            		"changes": [ { "component": "redis", "images": { "redis": "registry:5000\/redis:8.0.1" } } ],
            		"stages": [ { "name": "all", "shards": "rest", "gate": { "approvals": 1 } } ]
            	}
            }
            """;
        var read = PlanSpecReader.Read(json);

        Assert.True(read.Ok, read.Refusal?.Message);
        Assert.Equal("registry:5000/redis:8.0.1", read.Value.Changes[0].Images["redis"]);
        Assert.Equal(7, PlanSpecReader.Read(json.Replace("\"rest\"", "5")).Refusal!.Errors[0].Line);
    }

    [Fact]
    public void Read_VersionThatLooksLikeANumber_StaysText() =>
        Assert.Equal("16.10", PlanSpecReader.Read(Plan("[{ component: redis, serviceVersion: 16.10 }]")).Value!.Changes[0].ServiceVersion);

    [Fact]
    public void Read_DocumentTooLong_RefusedUnread()
    {
        var read = PlanSpecReader.Read(Plan() + "#" + new string('x', 64 * 1024));

        Assert.Contains("at most 65536", read.Refusal!.Message);
    }

    [Fact]
    public void Read_NestedAliases_RefusedQuickly()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

        Assert.Contains("aliases are expanded", PlanSpecReader.Read(bomb).Refusal!.Message);
        Assert.Contains("anchor", PlanSpecReader.Read("a: &a [*a]").Refusal!.Message);
        Assert.Contains("nested deeper", PlanSpecReader.Read(new string('[', 200)).Refusal!.Message);
    }

    [Fact]
    public void Read_Aliases_ReadTwiceAsWritten()
    {
        var read = PlanSpecReader.Read(Plan(more: "  stages:\n  - { name: a, shards: { count: 1 }, gate: &g { approvals: 2 } }\n  - { name: b, shards: rest, gate: *g }"));

        Assert.True(read.Ok, read.Refusal?.Message);
        Assert.All(read.Value.Stages!.Value, s => Assert.Equal(2, s.Gate!.Approvals));
    }
}
