using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Documents;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Planning;

public sealed class PlanSpecWriterTests
{
    [Fact]
    public void ToYaml_Everything_IsStableAndReadable()
    {
        var spec = new PlanSpec
        {
            Name = "orders-redis-8",
            Namespace = "demo",
            Target = new TargetSpec(ClusterKind.StatefulSetGroup, "orders"),
            Changes = [new ChangeSpec { Component = "redis", ServiceVersion = "8.0" }, new ChangeSpec { Component = "proxy", Images = Clusters.Images(("envoy", "envoyproxy/envoy:v1.31.0")) }],
            Stages =
            [
                new StageSpec { Name = "canary", Component = "redis", Shards = new ShardSelector { Count = 1 }, Soak = TimeSpan.FromMinutes(90), ShardsAtOnce = 1 },
                new StageSpec { Name = "some", Shards = new ShardSelector { Names = ["b", "a"] }, Roles = "followers" },
                new StageSpec { Name = "rest", Shards = new ShardSelector { Rest = true }, Gate = new GateSpec { Approvals = 2, Groups = ["dba"], Deadline = TimeSpan.FromHours(4), At = "BeforeSwitchover" } },
            ],
            Safety = new SafetySpec { LagMaxSeconds = 0.5, ReadyDeadline = TimeSpan.FromMinutes(10) },
            Rollback = new RollbackSpec { RestoreLeaders = true },
            Acknowledge = ["singleton"],
        };

        Assert.Equal("""
            apiVersion: rollcall.dev/v1alpha1
            kind: RolloutPlan
            metadata: { name: orders-redis-8, namespace: demo }
            spec:
              target: { kind: StatefulSetGroup, name: orders }
              changes:
              - component: redis
                serviceVersion: "8.0"
              - component: proxy
                images:
                  envoy: envoyproxy/envoy:v1.31.0
              stages:
              - name: canary
                component: redis
                shards: { count: 1 }
                shardsAtOnce: 1
                soak: 1h30m
              - name: some
                shards: { names: [b, a] }
                roles: followers
              - name: rest
                shards: rest
                gate: { approvals: 2, groups: [dba], deadline: 4h, onDeadline: hold, at: BeforeSwitchover }
              safety:
                lag: { maxSeconds: 0.5 }
                readyDeadline: 10m
              rollback: { automatic: false, restoreLeaders: true }
              acknowledge: [singleton]

            """, PlanSpecWriter.ToYaml(spec));
    }

    [Fact]
    public void ToYaml_AnySpec_ReadsBackAsItself() => AnySpec.Sample(spec =>
    {
        var yaml = PlanSpecWriter.ToYaml(spec);
        var read = PlanSpecReader.Read(yaml);
        Assert.True(read.Ok, $"{read.Refusal?.Message}\n{yaml}");
        Assert.Equal(Canonical(spec), Canonical(read.Value));
        Assert.Equal(yaml, PlanSpecWriter.ToYaml(read.Value));
    });

    [Theory]
    [InlineData("16.4", "\"16.4\"")]
    [InlineData("8.0.1", "\"8.0.1\"")]
    [InlineData("8.0.1-bad", "8.0.1-bad")]
    [InlineData("true", "\"true\"")]
    [InlineData("NO", "\"NO\"")]
    [InlineData("1e3", "\"1e3\"")]
    [InlineData("2026-01-01", "\"2026-01-01\"")]
    [InlineData("redis:7", "redis:7")]
    [InlineData("a: b", "\"a: b\"")]
    [InlineData("a\"b", "\"a\\\"b\"")]
    [InlineData("", "\"\"")]
    public void Text_QuotesWhatAnotherReaderCouldMistake(string value, string written) => Assert.Equal(written, PlanSpecWriter.Text(value));

    internal static string Canonical(PlanSpec spec) => Encoding.UTF8.GetString(CanonicalJson.Of(spec));

    private static Gen<string> One(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    private static Gen<T?> Maybe<T>(Gen<T> gen) where T : class => Gen.Select(Gen.Bool, gen).Select((some, value) => some ? value : null);

    private static readonly Gen<string> Label = Gen.OneOf(
        One("a", "redis", "no", "y", "on", "null", "1", "0x1f", "1e3", "shard-0", "a1-b2", "true"),
        Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789"].Array[1, 20].Select(c => new string(c)));

    private static readonly Gen<string> Tag = Gen.OneOf(
        One("8.0.1", "16.10", "8", "1_000", "v1.2", "1.2.3-rc1", "2026-01-01", "latest", "7.2.4-bad", "1e9", "no"),
        Gen.Char["abcdefABCDEF0123456789"].Array[1, 12].Select(c => new string(c)));

    private static readonly Gen<TimeSpan> Duration = Gen.Int[1, 600_000].Select(s => TimeSpan.FromMilliseconds(s * 1000L + s % 3));

    private static readonly Gen<ShardSelector> Shards = Gen.OneOf(
        Gen.Int[1, 500].Select(c => new ShardSelector { Count = c }),
        Gen.Int[1, 100].Select(p => new ShardSelector { Percent = p }),
        Label.HashSet[1, 4].Select(n => new ShardSelector { Names = [.. n] }),
        Gen.Const(new ShardSelector { Rest = true }));

    private static readonly Gen<GateSpec> Gate = Gen.Select(Gen.Int[3, 20], Label.HashSet[0, 3], Duration.Nullable(), One("hold", "abort", "rollback", "reject"), One("BeforeStage", "BeforeSwitchover"), Label.HashSet[0, 2])
        .Select((approvals, groups, deadline, onDeadline, at, more) => new GateSpec
        {
            Approvals = approvals,
            Groups = [.. groups],
            From = more.Count == 0 ? [] : [.. groups.Union(more)],
            Remind = deadline > TimeSpan.FromSeconds(4) ? TimeSpan.FromSeconds(2) : null,
            Deadline = deadline is { } d && d < TimeSpan.FromSeconds(1) ? null : deadline,
            OnDeadline = deadline is null || deadline < TimeSpan.FromSeconds(1) ? "hold" : onDeadline,
            At = at,
        });

    private static readonly Gen<string> Words = One("redis-cli", "sh", "-c", "echo \"a b\" | tee 'x'", "no", "1", "a\nb", "--flag=x", "ü", "{ a: b }", "# c", " ");

    private static readonly Gen<ActionSpec> Action =
        from which in Gen.Int[0, 3]
        from label in Maybe(Label)
        from words in Words.Array[1, 4]
        from timeout in Gen.Int[1, 21_600]
        from retries in Gen.Int[0, 10]
        select new ActionSpec
        {
            Exec = which == 0 ? new ExecAction { Container = label, Command = [.. words] } : null,
            Job = which == 1 ? new JobAction { Image = "registry:5000/a:1", Command = words.Length > 2 ? [.. words] : [], ServiceAccount = label } : null,
            Webhook = which == 2 ? new WebhookAction { Url = "https://hooks.example/run?a=b#c", Method = retries > 5 ? "PUT" : "POST", Body = retries > 3 ? string.Join('\n', words) + "." : null, Secret = label } : null,
            Ops = which == 3 ? new OpsAction { OpsDefinition = label ?? "x", Component = label, Parameters = words.Length > 2 ? ImmutableSortedDictionary<string, string>.Empty.Add("key", words[0]).Add("on", words[1]) : ImmutableSortedDictionary<string, string>.Empty } : null,
            Timeout = TimeSpan.FromSeconds(timeout),
            Retries = retries,
        };

    private static Gen<ImmutableArray<HookSpec>> Hooks(ImmutableArray<string> points, string prefix) => Gen.Select(Gen.Int[0, points.Length - 1], Action, One("pause", "continue"), Gen.Bool).Array[0, 3]
        .Select(all => all.Select((h, i) => new HookSpec { Name = $"{prefix}-{i}", On = points[h.Item1], Action = h.Item2, OnFailure = h.Item3, Roles = h.Item4 && h.Item2.Exec is not null ? ["primary", "no"] : [] }).ToImmutableArray());

    private static readonly Gen<double> Limit = Gen.OneOf(Gen.Double[-1e6, 1e6], Gen.Const(0.2), Gen.Const(1e-7), Gen.Const(-3e14));

    private static readonly Gen<ImmutableArray<AnalysisSpec>> Analyses =
        (from which in Gen.Int[0, 2]
         from limit in Limit
         from count in Gen.Int[1, 1000]
         from seconds in Gen.Int[1, 86_400]
         from point in One("AfterStage", "AfterShard", "AfterInstance")
         from siblings in Maybe(One("ratio", "difference"))
         from then in Maybe(One("pause", "rollback", "continue"))
         select new AnalysisSpec
         {
             Name = "", On = point, Siblings = siblings, OnFailure = then, Min = count % 3 != 0 ? limit : null, Max = count % 3 != 1 ? limit + 1 : null, Count = count, FailureLimit = Math.Min(count / 2, 499), InconclusiveLimit = count % 5,
             Interval = TimeSpan.FromSeconds(seconds), Delay = TimeSpan.FromSeconds(seconds - 1), Timeout = TimeSpan.FromSeconds(1 + (seconds % 60)),
             Prometheus = which == 0 ? "histogram_quantile(0.99, sum(rate(x{pod=~\"{{pods}}\", a='b'}[5m])) by (le))" : null,
             Json = which == 0 ? null : new JsonMetric { Source = which == 1 ? "app" : null, Url = which == 1 ? "/v1?p={{pods}}" : "https://a.example/{{pods}}", Path = "$.list[?(@.name == 'b')].value" },
         }).Array[0, 3].Select(all => all.Select((a, i) => a with { Name = $"a-{i}" }).ToImmutableArray());

    private static readonly Gen<StageSpec> Stage = Gen.Select(Maybe(Label), Shards, One("all", "leader"), Maybe(Gate), Duration, Gen.Int[1, 1000].Nullable(), Gen.Select(Gen.Bool, Hooks(HookPoints.OfStages, "hook"), Analyses))
        .Select((component, shards, roles, gate, soak, atOnce, more) => new StageSpec
        {
            Hooks = more.Item2,
            Analyses = more.Item3,
            Name = "",
            Component = component,
            Shards = shards,
            Roles = roles,
            Gate = gate,
            Soak = more.Item1 && soak < TimeSpan.FromDays(7) ? soak : TimeSpan.Zero,
            ShardsAtOnce = atOnce,
        });

    private static readonly Gen<ChangeSpec> StatefulSetChange = Gen.OneOf(
        Tag.Select(v => new ChangeSpec { Component = "", ServiceVersion = v }),
        Gen.Select(Label.HashSet[1, 3], Tag).Select((containers, tag) => new ChangeSpec { Component = "", Images = containers.ToImmutableSortedDictionary(c => c, c => $"registry:5000/{c}:{tag}", StringComparer.Ordinal) }));

    private static readonly Gen<ChangeSpec> ClusterChange = Gen.Select(Tag, Maybe(Label)).Select((version, definition) => new ChangeSpec { Component = "", ServiceVersion = version, ComponentDef = definition });

    private static readonly Gen<WindowSpec> Window = Gen.Select(One("0 2 * * *", "*/15 8-18 * * 1-5", "0 18 * * 5"), Gen.Int[1, 86_400], One("UTC", "Europe/Berlin"))
        .Select((cron, minutes, zone) => new WindowSpec(cron, TimeSpan.FromMinutes(minutes), zone));

    private static readonly Gen<SafetySpec> Limits = Gen.Select(Gen.Int[0, 3], Gen.Long[0, long.MaxValue], Gen.Int[1, 86_400_000], Gen.Int[10, 86_400])
        .Select((which, bytes, millis, ready) => new SafetySpec
        {
            LagMaxBytes = which == 1 ? bytes : null,
            LagMaxSeconds = which == 2 ? millis / 1000.0 : null,
            ReadyDeadline = which == 3 ? TimeSpan.FromSeconds(ready) : null,
            Backup = ready % 3 == 0 ? null : new BackupSpec
            {
                MaxAge = ready % 2 == 0 ? TimeSpan.FromSeconds(ready + 60) : null,
                Take = ready % 2 == 0 && ready % 4 == 0 ? null : new ActionSpec { Backup = new BackupAction { Policy = which == 1 ? "p" : null, Method = "no" }, Timeout = which == 0 ? PlanSpecReader.DefaultBackup : TimeSpan.FromSeconds(ready), Retries = which },
            },
        });

    private static readonly Gen<SafetySpec> Safety = Gen.Select(Limits, Maybe(Window), Gen.Select(Window, One("", "Quarter end", "no", "a: b")).Array[0, 2])
        .Select((limits, window, freeze) => limits with { HandoverWindow = window, Freeze = [.. freeze.Select(f => f.Item1 with { Name = f.Item2 })] });

    /// <summary>Any valid specification, names made unique where they must be.</summary>
    internal static readonly Gen<PlanSpec> AnySpec =
        from kind in Gen.Enum<ClusterKind>()
        from name in Label
        from ns in Label
        from changes in (kind == ClusterKind.Cluster ? ClusterChange : StatefulSetChange).Array[1, 3]
        from stages in Maybe(Stage.Array[1, 4])
        from safety in Safety
        from automatic in Gen.Bool
        from leaders in Gen.Bool
        from acknowledge in Gen.Int[0, 3]
        from hooks in Hooks(HookPoints.All, "plan-hook")
        select new PlanSpec
        {
            Name = name,
            Namespace = ns,
            Target = new TargetSpec(kind, name),
            Changes = [.. changes.Select((c, i) => c with { Component = $"component-{i}" })],
            Stages = stages is null ? null : [.. stages.Select((s, i) => s with { Name = $"stage-{i}" })],
            Safety = safety,
            Rollback = new RollbackSpec { Automatic = automatic, RestoreLeaders = leaders },
            Hooks = hooks,
            Acknowledge = [.. Acknowledgements.All.Take(acknowledge).Order(StringComparer.Ordinal)],
        };

    [Fact]
    public void Durations_AnyMilliseconds_ReadBack() => Gen.Long[0, 10_000_000_000].Sample(ms =>
    {
        var duration = TimeSpan.FromMilliseconds(ms);
        Assert.True(Durations.TryParse(Durations.Write(duration), out var read));
        Assert.Equal(duration, read);
    });

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("-5m")]
    [InlineData("5m1h")]
    [InlineData("1h1h")]
    [InlineData("1.5h")]
    [InlineData("10 m")]
    [InlineData("m")]
    [InlineData("5M")]
    [InlineData("9999999999d")]
    public void Durations_OtherForms_AreRefused(string text) => Assert.False(Durations.TryParse(text, out _));
}
