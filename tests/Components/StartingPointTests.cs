using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Model.Composing;
using Xunit;

namespace Rollcall.Components;

public sealed class StartingPointTests
{
    private const string Careful = """
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: stock-7, namespace: shop }
        spec:
          target: { kind: StatefulSetGroup, name: stock }
          changes: [ { component: redis, serviceVersion: 7.2.5 } ]
          stages:
          # over lunch
          - name: first
            shards: { count: 1 }
            soak: 1h
          - name: others
            shards: rest
            gate: { approvals: 2 }
          safety: { cooldown: { shard: 5m } }
        """;

    private static readonly ComposeDraft Draft = new(ComposeStage.Cluster, "Redis Cluster", ["a", "b"], ComposeStage.Draft with { Name = "orders-8-0-1", Changes = [new ChangeSpec { Component = "redis", ServiceVersion = "8.0.1" }] }, "");

    [Fact]
    public void For_AnotherCluster_KeepsTheWayAndTakesItsTargetAndVersions()
    {
        var text = new StartingPoint("t1", "template “Careful”", Careful).For(Draft, PlanSpecReader.Read);

        var spec = PlanSpecReader.Read(text).Value!;
        Assert.Equal(("orders-8-0-1", "demo/orders", "8.0.1"), (spec.Name, spec.Cluster.ToString(), spec.Changes.Single().ServiceVersion));
        Assert.Equal(["first", "others"], spec.Stages!.Value.Select(s => s.Name));
        Assert.Equal(TimeSpan.FromMinutes(5), spec.Safety.Cooldown.Shard);
        Assert.Contains("  # over lunch\n  - name: first\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_ADocumentThatReadsNoMore_IsOpenedAsItIsInTheEditor()
    {
        var old = Careful.Replace("soak:", "soakFor:", StringComparison.Ordinal);
        var text = new StartingPoint("t1", "template “Old”", old).For(Draft, PlanSpecReader.Read);
        Assert.Equal(old, text);

        await using var stage = new ComposeStage(text);
        Assert.Equal((ComposeTab.Yaml, old), (stage.Session.Tab, stage.Session.Text));
    }

    [Fact]
    public void SpecDiff_NamesWhatDiffers_AndNotTheName()
    {
        var before = PlanSpecReader.Read(Careful).Value!;
        var after = PlanSpecReader.Read(Careful.Replace("name: stock-7", "name: stock-8", StringComparison.Ordinal).Replace("7.2.5", "8.0.1", StringComparison.Ordinal).Replace("    soak: 1h\n", "", StringComparison.Ordinal)
            .Replace("approvals: 2", "approvals: 3, groups: [dba, sre]", StringComparison.Ordinal)).Value!;

        Assert.Empty(SpecDiff.Of(before, before));
        var found = SpecDiff.Of(before, after);
        Assert.Contains(new SpecDifference("changes › redis › serviceVersion", "7.2.5", "8.0.1"), found);
        Assert.Contains(found, d => d.Where == "stages › first › soak" && d.Before == "1h");
        Assert.Contains(new SpecDifference("stages › others › gate › approvals", "2", "3"), found);
        Assert.Contains(new SpecDifference("stages › others › gate › groups", null, "dba sre"), found);
        Assert.Equal(4, found.Length);
    }

    [Fact]
    public void SpecDiff_StagesThatChangedPlaces_AreOneDifference()
    {
        var before = PlanSpecReader.Read(Careful).Value!;
        var after = before with { Stages = [.. before.Stages!.Value.Reverse()] };
        Assert.Equal([new SpecDifference("stages › order", "first, others", "others, first")], SpecDiff.Of(before, after));
    }
}
