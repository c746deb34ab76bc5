using System.Collections.Immutable;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Model.Composing;
using Xunit;

namespace Rollcall.Components;

/// <summary>The engine's answers under the test's hand.</summary>
internal sealed class ComposeStage : IAsyncDisposable
{
    public static readonly ClusterSummary Cluster = new()
    {
        Namespace = "demo", Name = "orders", Kind = ClusterKind.StatefulSetGroup, Profile = "redis-cluster", Phase = "Running",
        Components = [new ComponentSummary("redis", "7.2.4", ["8.0.1", "7.2.5"]), new ComponentSummary("proxy", "1.0", ["1.1"])],
    };

    public static readonly PlanSpec Draft = new()
    {
        Name = "orders", Namespace = "demo", Target = new TargetSpec(ClusterKind.StatefulSetGroup, "orders"), Changes = [],
        Stages = [new StageSpec { Name = "canary", Shards = new ShardSelector { Count = 1 }, Soak = TimeSpan.FromMinutes(10) }, new StageSpec { Name = "rest", Shards = new ShardSelector { Rest = true }, Gate = new GateSpec { Approvals = 2, Groups = ["dba"], From = ["dba", "sre"], Deadline = TimeSpan.FromHours(4), Remind = TimeSpan.FromMinutes(30), OnDeadline = "reject" } }],
    };

    public ComposeStage(string? text = null)
    {
        var backend = new ComposeBackend(
            PlanSpecReader.Read,
            (document, ct) => { Asked.Add(document); return Answer(document).WaitAsync(ct); },
            (document, _) => { Created.Add(document); return Task.FromResult<Result<PlanView>>(Samples.Plan()); },
            (_, _) => { Starts++; return Start(); });
        Session = new ComposeSession(new ComposeDraft(Cluster, "Redis Cluster", ["a", "b"], Draft, ""), text, backend, Time, () => { Rendered.Release(); return Task.CompletedTask; }, fault => throw fault);
    }

    public FakeTimeProvider Time { get; } = new();
    public ComposeSession Session { get; }
    public List<string> Asked { get; } = [];
    public List<string> Created { get; } = [];
    public int Starts { get; private set; }
    public SemaphoreSlim Rendered { get; } = new(0);
    public Func<string, Task<Result<PlanView>>> Answer { get; set; } = _ => Task.FromResult<Result<PlanView>>(Samples.Plan());
    public Func<Task<Result<RunView>>> Start { get; set; } = () => Task.FromResult<Result<RunView>>(Samples.Run());

    public async Task PreviewAsync()
    {
        Session.Ask();
        Time.Advance(ComposeSession.Rest);
        await Rendered.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The plan as the form writes it after a change: another text that says the very same.</summary>
    public static async Task<PlanSpec> ThroughTheFormAsync(string plan)
    {
        await using var stage = new ComposeStage(plan);
        stage.Session.FormChanged();

        Assert.NotEqual(plan, stage.Session.Text);
        var (before, after) = (PlanSpecReader.Read(plan), PlanSpecReader.Read(stage.Session.Text));
        Assert.True(before.Ok && after.Ok, (before.Refusal ?? after.Refusal)?.Message);
        Assert.Equal(PlanSpecWriter.ToYaml(before.Value), PlanSpecWriter.ToYaml(after.Value));
        return after.Value;
    }

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        Rendered.Dispose();
    }
}

public sealed class ComposeSessionTests
{
    [Fact]
    public async Task Choose_Version_WritesADocumentThatTheEngineReads()
    {
        await using var stage = new ComposeStage();
        stage.Session.Form.Choose(stage.Session.Form.Components[0], "8.0.1");
        stage.Session.FormChanged();

        var spec = PlanSpecReader.Read(stage.Session.Text);
        Assert.True(spec.Ok, spec.Refusal?.Message);
        Assert.Equal(("redis", "8.0.1"), (spec.Value.Changes.Single().Component, spec.Value.Changes.Single().ServiceVersion));
        Assert.Equal("orders-8-0-1", spec.Value.Name);
        Assert.Equal(ComposeStage.Draft.Stages!.Value.Select(s => s.Soak), spec.Value.Stages!.Value.Select(s => s.Soak));
        var gate = spec.Value.Stages.Value[1].Gate!;
        Assert.Equal((TimeSpan.FromHours(4), TimeSpan.FromMinutes(30), "reject"), (gate.Deadline, gate.Remind, gate.OnDeadline));
        Assert.Equal(["dba", "sre"], gate.From);
    }

    [Fact]
    public async Task Show_FormAfterAnInvalidText_KeepsTheTextAndBlocksTheForm()
    {
        await using var stage = new ComposeStage();
        stage.Session.Show(ComposeTab.Yaml);
        const string broken = "kind: RolloutPlan\nspec: [";
        stage.Session.TextChanged(broken);
        stage.Session.Show(ComposeTab.Form);

        Assert.NotNull(stage.Session.FormBlocked);
        Assert.Equal(broken, stage.Session.Text);
        stage.Session.Show(ComposeTab.Yaml);
        Assert.Equal(broken, stage.Session.Text);
    }

    [Fact]
    public async Task Show_FormAfterAValidText_ShowsItInTheForm()
    {
        await using var stage = new ComposeStage();
        stage.Session.Form.Choose(stage.Session.Form.Components[0], "8.0.1");
        stage.Session.FormChanged();
        stage.Session.Show(ComposeTab.Yaml);
        stage.Session.TextChanged(stage.Session.Text.Replace("8.0.1", "7.2.5", StringComparison.Ordinal).Replace("count: 1", "percent: 50", StringComparison.Ordinal));
        stage.Session.Show(ComposeTab.Form);

        Assert.Null(stage.Session.FormBlocked);
        Assert.Equal("7.2.5", stage.Session.Form.Components[0].Wanted);
        Assert.Equal((ShardsBy.Percent, "50"), (stage.Session.Form.Stages[0].By, stage.Session.Form.Stages[0].Amount));
    }

    [Fact]
    public async Task Show_YamlAndBackUnchanged_KeepsAHalfTypedValue()
    {
        await using var stage = new ComposeStage();
        stage.Session.Form.Stages[0].Soak = "10 minu";
        stage.Session.FormChanged();
        stage.Session.Show(ComposeTab.Yaml);
        stage.Session.Show(ComposeTab.Form);

        Assert.Null(stage.Session.FormBlocked);
        Assert.Equal("10 minu", stage.Session.Form.Stages[0].Soak);
    }

    [Fact]
    public async Task Preview_InvalidField_SaysSoAtThatField()
    {
        await using var stage = new ComposeStage { Answer = document => Task.FromResult<Result<PlanView>>(PlanSpecReader.Read(document).Refusal is { } refusal ? refusal : Samples.Plan()) };
        stage.Session.Form.Choose(stage.Session.Form.Components[0], "8.0.1");
        stage.Session.Form.Stages[0].By = ShardsBy.Percent;
        stage.Session.Form.Stages[0].Amount = "101";
        stage.Session.FormChanged();
        await stage.PreviewAsync();

        Assert.Contains("101", Assert.Single(stage.Session.At("/spec/stages/0/shards")).Text, StringComparison.Ordinal);
        Assert.Empty(stage.Session.At("/spec/stages/1/shards"));
        Assert.False(stage.Session.CanStart);
    }

    [Fact]
    public async Task Ask_WhileTyping_AsksOnceForTheLastText()
    {
        await using var stage = new ComposeStage();
        stage.Session.TextChanged("a");
        stage.Time.Advance(ComposeSession.Rest / 2);
        stage.Session.TextChanged("ab");
        stage.Time.Advance(ComposeSession.Rest / 2);
        Assert.Empty(stage.Asked);
        stage.Time.Advance(ComposeSession.Rest);
        await stage.Rendered.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["ab"], stage.Asked);
    }

    [Fact]
    public async Task Answer_ToAnOlderText_NeverOverwritesTheNewer()
    {
        var slow = new TaskCompletionSource<Result<PlanView>>();
        await using var stage = new ComposeStage { Answer = document => document == "old" ? slow.Task : Task.FromResult<Result<PlanView>>(Samples.Plan()) };
        stage.Session.TextChanged("old");
        stage.Time.Advance(ComposeSession.Rest);
        stage.Session.TextChanged("new");
        stage.Time.Advance(ComposeSession.Rest);
        await stage.Rendered.WaitAsync(TestContext.Current.CancellationToken);
        slow.SetResult(new Refusal(RefusalKind.Invalid, "late"));

        Assert.Null(stage.Session.Refusal);
        Assert.NotNull(stage.Session.Preview);
    }

    [Fact]
    public async Task Start_Twice_CreatesAndStartsOnce()
    {
        var started = new TaskCompletionSource<Result<RunView>>();
        await using var stage = new ComposeStage { Start = () => started.Task };
        await stage.PreviewAsync();
        var first = stage.Session.StartAsync(TestContext.Current.CancellationToken);
        var second = await stage.Session.StartAsync(TestContext.Current.CancellationToken);
        started.SetResult(Samples.Run());

        Assert.Null(second);
        Assert.Equal("r-1", (await first)?.Id);
        Assert.Equal((1, 1), (stage.Created.Count, stage.Starts));
    }

    [Fact]
    public async Task Start_Refused_SaysWhyAndKeepsEverything()
    {
        await using var stage = new ComposeStage { Start = () => Task.FromResult<Result<RunView>>(new Refusal(RefusalKind.Conflict, "Run r-0 holds the cluster.") { RunId = "r-0" }) };
        await stage.PreviewAsync();
        var text = stage.Session.Text;

        Assert.Null(await stage.Session.StartAsync(TestContext.Current.CancellationToken));
        Assert.Equal("r-0", stage.Session.StartRefusal?.RunId);
        Assert.Equal(text, stage.Session.Text);
        await stage.Session.StartAsync(TestContext.Current.CancellationToken);
        Assert.Single(stage.Created); // the plan exists already
    }

    [Fact]
    public async Task Open_WithAnInvalidDocument_ShowsTheYaml()
    {
        await using var stage = new ComposeStage("not: a plan");

        Assert.Equal((ComposeTab.Yaml, "not: a plan"), (stage.Session.Tab, stage.Session.Text));
    }

    [Fact]
    public async Task HasComments_OnlyWhereThereAreSome()
    {
        await using var stage = new ComposeStage();
        Assert.False(stage.Session.HasComments);
        stage.Session.TextChanged(stage.Session.Text + "# why\n");
        Assert.True(stage.Session.HasComments);
    }
}

public sealed class ComposeFormTests
{
    [Fact]
    public void Move_BeyondTheEnds_ChangesNothing()
    {
        var form = ComposeForm.From(ComposeStage.Draft, ComposeStage.Cluster);
        form.Move(form.Stages[0], -1);
        form.Move(form.Stages[1], 1);
        Assert.Equal(["canary", "rest"], form.Stages.Select(s => s.Name));
        form.Move(form.Stages[0], 1);
        Assert.Equal(["rest", "canary"], form.Stages.Select(s => s.Name));
    }

    [Fact]
    public async Task Limits_EveryKey_ThroughTheFormStaysWhatItWas()
    {
        const string limits = """
            apiVersion: rollcall.dev/v1alpha1
            kind: RolloutPlan
            metadata: { name: orders, namespace: demo }
            spec:
              target: { kind: StatefulSetGroup, name: orders }
              changes: [ { component: redis, serviceVersion: 8.0.1 } ]
              safety: { lag: { maxSeconds: 2.5 }, readyDeadline: 7m, cooldown: { member: 30s, shard: 0s, zone: 1h }, zoneExclusive: false, partlyUpdatedShards: 3, restoreLeaders: true, backup: { maxAge: 1d, take: { policy: nightly, method: xtrabackup, timeout: 3h, retries: 2 } } }
              finalise: { soak: 1d, gate: { approvals: 2, groups: [dba], deadline: 4h, onDeadline: abort } }
            """;
        _ = await ComposeStage.ThroughTheFormAsync(limits);
    }

    [Fact]
    public void Summary_SaysWhatTheStageDoes()
    {
        var form = ComposeForm.From(ComposeStage.Draft, ComposeStage.Cluster);
        Assert.Equal(["1 shard · soak 10m", "the rest of the shards · 2 to approve, one from each of dba, within 4h"], form.Stages.Select(s => s.Summary));
    }

    [Fact]
    public void Choose_NameWrittenByHand_StaysAsItIs()
    {
        var form = ComposeForm.From(ComposeStage.Draft, ComposeStage.Cluster);
        form.Name = "friday-rollout";
        form.Choose(form.Components[0], "8.0.1");
        Assert.Equal("friday-rollout", form.Name);
    }

    [Fact]
    public void From_ImagesWrittenByHand_SurviveUntilAnotherVersionIsChosen()
    {
        var images = ImmutableSortedDictionary<string, string>.Empty.Add("redis", "registry.local:5000/redis:8.0.1");
        var form = ComposeForm.From(ComposeStage.Draft with { Changes = [new ChangeSpec { Component = "redis", Images = images }] }, ComposeStage.Cluster);
        Assert.Equal(images, PlanSpecReader.Read(ComposeYaml.Write(form)).Value!.Changes[0].Images);

        form.Choose(form.Components[0], "7.2.5");
        Assert.Empty(PlanSpecReader.Read(ComposeYaml.Write(form)).Value!.Changes[0].Images);
    }

    [Fact]
    public void Text_Anything_ReadsBackAsTheSame() =>
        Gen.String.Where(s => !s.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF')).Sample(text =>
        {
            var yaml = new YamlDotNet.RepresentationModel.YamlStream();
            using var reader = new StringReader($"key: {ComposeYaml.Text(text)}\nflow: [{ComposeYaml.Text(text)}, x]\n");
            yaml.Load(reader);
            var map = (YamlDotNet.RepresentationModel.YamlMappingNode)yaml.Documents[0].RootNode;
            Assert.Equal(text, ((YamlDotNet.RepresentationModel.YamlScalarNode)map.Children["key"]).Value);
            Assert.Equal(text, ((YamlDotNet.RepresentationModel.YamlScalarNode)map.Children["flow"][0]).Value);
        });
}

public sealed class PreviewStageTests
{
    [Fact]
    public void Of_StepAfterTheSwitchover_SaysThatRollbackGetsHarder()
    {
        var steps = PreviewStage.Of(Samples.Plan()).SelectMany(s => s.Shards).SelectMany(s => s.Steps).ToArray();

        Assert.Null(steps[0].Then);
        Assert.Equal("after this step rollback of b becomes L1", steps[1].Then);
    }
}

public sealed class ComposeHookTests
{
    private const string Hooks = """
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: orders, namespace: demo }
        spec:
          target: { kind: StatefulSetGroup, name: orders }
          changes: [ { component: redis, serviceVersion: 8.0.1 } ]
          stages:
          - name: rest
            shards: rest
            hooks:
            - { on: BeforeInstance, roles: [primary, secondary], exec: { container: redis, command: [sh, -c, "echo 'it''s' \"x\" | tee -a /tmp/log"] }, retries: 2, onFailure: continue }
            - { name: check, on: AfterStage, job: { image: "registry:5000/check:1", command: [check, --all], serviceAccount: checker }, timeout: 10m }
          hooks:
          - { on: BeforeRollback, webhook: { url: "https://pager.example/x?a=b", method: PUT, body: "{ \"a\": 1 }", secret: pager } }
        """;

    [Fact]
    public async Task Hooks_ThroughTheForm_StayWhatTheyWere()
    {
        _ = await ComposeStage.ThroughTheFormAsync(Hooks);
    }

    [Theory]
    [InlineData("redis-cli BGSAVE", "redis-cli", "BGSAVE")]
    [InlineData("sh -c 'a  b'", "sh", "-c", "a  b")]
    [InlineData("echo \"it's\" a\\ b ''", "echo", "it's", "a b", "")]
    public void CommandLine_AsAShellWouldReadIt(string line, params string[] words) => Assert.Equal(words, CommandLine.Split(line));

    [Fact]
    public void CommandLine_AnyWords_SplitBackIntoThem() => Gen.String.Array[0, 5].Sample(words => Assert.Equal(words, CommandLine.Split(CommandLine.Join(words))));
}
