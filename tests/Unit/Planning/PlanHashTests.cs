using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CsCheck;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Planning;

public sealed class PlanHashTests
{
    private static readonly EngineProfile Redis = ProfileLibrary.BuiltIn.Find("redis-cluster")!;

    private const string Yaml = """
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: p, namespace: demo }
        spec:
          target: { kind: StatefulSetGroup, name: orders }
          changes: [{ component: redis, serviceVersion: 7.2.5 }]
          stages:
          - { name: canary, shards: { count: 1 }, soak: 90s }
          - { name: rest, shards: rest, gate: { approvals: 2, groups: [dba] } }
          rollback: { restoreLeaders: true }
        """;

    private static Plan Build(string text, TopologySnapshot? cluster = null, EngineProfile? profile = null, string id = "p1", string by = "ann", int hour = 0)
    {
        var spec = PlanSpecReader.Read(text);
        Assert.True(spec.Ok, spec.Refusal?.Message);
        var plan = PlanBuilder.Build(spec.Value, text, cluster ?? Clusters.Redis(available: ["8.0.1", "7.2.5"]), profile ?? Redis, id, by, Clusters.Now.AddHours(hour));
        Assert.True(plan.Ok, plan.Refusal?.Message);
        return plan.Value;
    }

    [Fact]
    public void Hash_IsSha256InHex() => Assert.Matches("^[0-9a-f]{64}$", Build(Yaml).Hash);

    [Fact]
    public void Hash_SameThingWrittenDifferently_IsTheSame()
    {
        var block = """
            # a comment
            kind: "RolloutPlan"
            spec:
              rollback:
                restoreLeaders: true
                automatic: false
              stages:
                - soak: 1m30s
                  shards:
                    count: 1
                  roles: all
                  name: canary
                - gate:
                    groups:
                      - dba
                    approvals: 2
                    at: BeforeStage
                  shards: rest
                  name: rest
              changes:
                - serviceVersion: '7.2.5'
                  component: redis
              target:
                name: orders
                kind: StatefulSetGroup
            metadata:
              namespace: demo
              name: p
            apiVersion: rollcall.dev/v1alpha1
            """;
        Assert.Equal(Build(Yaml).Hash, Build(block).Hash);
        Assert.Equal(Build(Yaml).Hash, Build(PlanSpecWriter.ToYaml(PlanSpecReader.Read(Yaml).Value!)).Hash);
    }

    [Fact]
    public void Hash_KeysOfJsonShuffled_IsTheSame()
    {
        var expected = Build(Yaml).Hash;
        var json = """
            {"apiVersion":"rollcall.dev/v1alpha1","kind":"RolloutPlan","metadata":{"name":"p","namespace":"demo"},"spec":{"target":{"kind":"StatefulSetGroup","name":"orders"},
             "changes":[{"component":"redis","serviceVersion":"7.2.5"}],"rollback":{"restoreLeaders":true},
             "stages":[{"name":"canary","shards":{"count":1},"soak":"90s"},{"name":"rest","shards":"rest","gate":{"approvals":2,"groups":["dba"]}}]}}
            """;
        Gen.Int.Sample(seed => Assert.Equal(expected, Build(Shuffled(JsonNode.Parse(json)!, new Random(seed)).ToJsonString()).Hash), iter: 50);
    }

    private static JsonNode Shuffled(JsonNode node, Random random) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(_ => random.Next()).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Shuffled(p.Value!, random)))),
        JsonArray list => new JsonArray([.. list.Select(i => Shuffled(i!, random))]),
        _ => node.DeepClone(),
    };

    public static TheoryData<string, string> Edits => new()
    {
        { "name: p,", "name: q," },
        { "7.2.5", "8.0.1" },
        { "soak: 90s", "soak: 91s" },
        { "count: 1", "count: 2" },
        { "approvals: 2", "approvals: 3" },
        { "[dba]", "[sre]" },
        { "restoreLeaders: true", "automatic: true" },
        { "  rollback", "  safety: { lag: { maxBytes: 7 } }\n  rollback" },
        { "  rollback", "  acknowledge: [singleton]\n  rollback" },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void Hash_SpecEdited_Differs(string was, string becomes)
    {
        var edited = Yaml.Replace(was, becomes);
        Assert.NotEqual(Yaml, edited);
        Assert.NotEqual(Build(Yaml).Hash, Build(edited).Hash);
        Assert.Contains("The specification was edited.", PlanHash.Changed(Build(Yaml), Build(edited)));
    }

    public static TheoryData<string, string> Baselines => new()
    {
        { "member gone", "Shard orders-a: member orders-a-2 is gone." },
        { "member new", "Shard orders-a: member orders-a-3 is new." },
        { "shard new", "Component redis: shard orders-e is new." },
        { "shard gone", "Component redis: shard orders-d is gone." },
        { "from", "Component redis now starts from 7.2.3 (was 7.2.4)." },
        { "image", "Component redis now goes to 7.2.5 (was 7.2.5)." },
    };

    [Theory]
    [MemberData(nameof(Baselines))]
    public void Hash_BaselineChanged_DiffersAndSaysHow(string what, string said)
    {
        string[] available = ["8.0.1", "7.2.5"];
        var cluster = Clusters.Redis(available: available);
        var changed = what switch
        {
            "member gone" => cluster.With(c => c with { Shards = c.Shards.SetItem(0, Clusters.Shard("orders-a", 2, "7.2.4")) }),
            "member new" => cluster.With(c => c with { Shards = c.Shards.SetItem(0, Clusters.Shard("orders-a", 4, "7.2.4")) }),
            "shard new" => Clusters.Redis(5, available: available),
            "shard gone" => Clusters.Redis(3, available: available),
            "from" => Clusters.Redis(version: "7.2.3", available: available),
            _ => cluster.WithWorkloads(w => w with { Images = Clusters.Images(("redis", "elsewhere/redis:7.2.4")) }),
        };

        Assert.NotEqual(Build(Yaml).Hash, Build(Yaml, changed).Hash);
        Assert.Contains(said, PlanHash.Changed(Build(Yaml), Build(Yaml, changed)));
    }

    [Fact]
    public void Hash_ProfileEdited_Differs()
    {
        var edited = ProfileReader.Read(Redis.Text.Replace("timeout: 30s", "timeout: 31s"), "x").Value!;
        Assert.NotEqual(Build(Yaml).Hash, Build(Yaml, profile: edited).Hash);
        Assert.Contains("The engine profile redis-cluster was edited.", PlanHash.Changed(Build(Yaml), Build(Yaml, profile: edited)));
    }

    [Fact]
    public void Hash_Direction_Differs() => Assert.NotEqual(Build(Yaml).Hash, PlanHash.Of(Build(Yaml) with { Direction = Direction.Rollback }));

    [Fact]
    public void Hash_UidNodeRoleProgressOrderAndAuthor_DoNotMatter()
    {
        var cluster = Clusters.Redis(available: ["8.0.1", "7.2.5"]);
        Gen.Int.Sample(seed =>
        {
            var random = new Random(seed);
            Instance Moved(Instance i) => i with
            {
                Uid = $"u{random.Next()}", Node = $"n{random.Next()}", Zone = $"z{random.Next()}", Role = random.Next(2) == 0 ? "primary" : "secondary", ResourceVersion = $"{random.Next()}", LagBytes = random.Next(),
                Ready = random.Next(2) == 0, Updated = random.Next(2) == 0, Version = random.Next(2) == 0 ? "7.2.4" : "7.2.5", Restarts = random.Next(9),
            };
            var moved = cluster.With(c => c with
            {
                Shards = [.. c.Shards.OrderBy(_ => random.Next()).Select(s => s with { Instances = [.. s.Instances.Select(Moved).OrderBy(_ => random.Next())] })],
                AvailableVersions = ["7.2.5", "8.0.1"],
            }) with { Version = $"e-{random.Next()}", Phase = "Updating", ObservedAt = Clusters.Now.AddMinutes(random.Next(60)) };
            Assert.Equal(Build(Yaml, cluster).Hash, Build(Yaml, moved, id: $"p{seed}", by: "bob", hour: random.Next(99)).Hash);
        }, iter: 50);
    }

    [Fact]
    public void Changed_SamePlan_IsEmpty() => Assert.Empty(PlanHash.Changed(Build(Yaml), Build(Yaml, id: "other")));
}
