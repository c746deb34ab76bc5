using System.Collections.Immutable;
using Bunit;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Rollcall.Web.Components.Controls;
using Rollcall.Web.Model;
using Rollcall.Web.Model.Composing;
using Xunit;

namespace Rollcall.Components;

public sealed class ShardPickingTests
{
    private static readonly EngineProfile Profile = ProfileLibrary.BuiltIn.Find("redis-cluster")!;

    private static TopologySnapshot Cluster(params (string Component, string[] Shards)[] components) => new()
    {
        Cluster = new ClusterKey("demo", "orders"), Version = "e-1", Kind = ClusterKind.StatefulSetGroup, Profile = "redis-cluster", Phase = "Running", ObservedAt = Samples.T0,
        Components = [.. components.Select(c => new Component { Name = c.Component, Version = "7.2.4", Shards = [.. c.Shards.Select(s => new Shard { Name = s })] })],
    };

    private static readonly TopologySnapshot Four = Cluster(("redis", ["a", "b", "c", "d"]));

    /// <summary>Stages canary (one shard) and rest, for redis.</summary>
    private static ComposeForm Form(string? canary = null)
    {
        var form = ComposeForm.From(ComposeStage.Draft, ComposeStage.Cluster);
        form.Choose(form.Components[0], "8.0.1");
        if (canary is not null)
            (form.Stages[0].By, _) = (ShardsBy.Names, Add(form.Stages[0].Names, canary.Split(' ')));
        form.Picking = form.Stages[0];
        return form;
    }

    private static int Add(List<string> names, string[] more)
    {
        names.AddRange(more);
        return names.Count;
    }

    private static string InStages(ShardPicking picking) => string.Join(' ', picking.Places.Select(p => $"{p.Shard}:{string.Join('+', p.Takes.Select(t => t.Stage + 1))}"));

    [Fact]
    public void Pick_IntoAStageThatCounts_NamesItsShardsAndTheRestGivesWay()
    {
        var form = Form();
        var picking = new ShardPicking(form, Four, Profile);
        Assert.Equal("a:1 b:2 c:2 d:2", InStages(picking));

        picking.Pick(form.Stages[0], ["redis/c"], on: true);

        Assert.Equal((ShardsBy.Names, "a c"), (form.Stages[0].By, string.Join(' ', form.Stages[0].Names)));
        Assert.Equal("a:1 b:2 c:1 d:2", InStages(picking));
        Assert.Empty(picking.Troubles());
        Assert.Equal(["a", "c"], PlanSpecReader.Read(ComposeYaml.Write(form)).Value!.Stages!.Value[0].Shards.Names);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("b d")]
    [InlineData("d b")]
    public void Pick_AndBack_IsTheDocumentAsItWas(string? canary)
    {
        var form = Form(canary);
        var before = ComposeYaml.Write(form);
        var picking = new ShardPicking(form, Four, Profile);

        picking.Pick(form.Stages[0], ["redis/c"], on: true);
        Assert.NotEqual(before, ComposeYaml.Write(form));
        picking.Pick(form.Stages[0], ["redis/c"], on: false);

        Assert.Equal(before, ComposeYaml.Write(form));
    }

    [Fact]
    public void Pick_OutOfTheRestAndBackIn_IsTheRestAgain()
    {
        var form = Form();
        var picking = new ShardPicking(form, Four, Profile);

        picking.Pick(form.Stages[1], ["redis/c", "redis/d"], on: false);
        Assert.Equal(["c and d are in no stage."], picking.Troubles());
        Assert.Equal(["b"], form.Stages[1].Names);
        picking.Pick(form.Stages[1], ["redis/c", "redis/d"], on: true);

        Assert.Equal(ShardsBy.Rest, form.Stages[1].By);
        Assert.Empty(picking.Troubles());
    }

    [Fact]
    public void Pick_IntoASecondStage_IsSaidAndNotMovedBehindAnybodysBack()
    {
        var form = Form("a");
        var picking = new ShardPicking(form, Four, Profile);
        picking.Pick(form.Stages[1], ["redis/a"], on: true);

        Assert.Equal("a:1+2 b:2 c:2 d:2", InStages(picking));
        Assert.Equal(["a is in stage 1 canary and again in stage 2 rest."], picking.Troubles());
        var drawn = picking.Drawn();
        Assert.Equal(new GraphPickWords("twice: canary, rest", "in stage 1 canary and again in stage 2 rest", "bad", [1, 2]), drawn.Words[drawn.Lanes["redis/a"]]);
    }

    [Fact]
    public void Pick_FollowersAndLeaderInStagesOfTheirOwn_IsNotTwice()
    {
        var form = Form("a b c d");
        form.Stages[0].Roles = "followers";
        form.Stages[1].By = ShardsBy.Rest;
        form.Stages[1].Roles = "leader";
        var picking = new ShardPicking(form, Four, Profile);

        Assert.Equal("a:1+2 b:1+2 c:1+2 d:1+2", InStages(picking));
        Assert.Empty(picking.Troubles());
        form.Stages.RemoveAt(1);
        Assert.Equal(["a, b, c and d are in stage 1 canary with its followers, but its leader in no stage."], new ShardPicking(form, Four, Profile).Troubles());
    }

    [Fact]
    public void AllNoneAndTheRest_OfAHundred_AreSaidInFewWords()
    {
        var hundred = Cluster(("redis", [.. Enumerable.Range(0, 100).Select(i => $"s-{i:00}")]));
        var form = Form();
        var picking = new ShardPicking(form, hundred, Profile);
        var (canary, rest) = (form.Stages[0], form.Stages[1]);

        picking.PickNone(canary);
        Assert.Equal((0, 100), (picking.Taken(canary), picking.Taken(rest)));
        picking.PickNone(rest);
        Assert.Equal(["s-00, s-01, s-02 and 97 more are in no stage."], picking.Troubles());
        picking.PickAll(canary);
        Assert.Equal((100, "s-00, s-01, s-02, s-03 and 96 more"), (canary.Names.Count, canary.Summary.Split(" · ")[0]));
        picking.PickRest(rest);
        Assert.Equal((ShardsBy.Rest, 0), (rest.By, picking.Taken(rest)));
        picking.Pick(canary, [.. hundred.Components[0].Shards.Skip(10).Select(s => $"redis/{s.Name}")], on: false);
        Assert.Equal((10, 90), (picking.Taken(canary), picking.Taken(rest)));
        Assert.Equal(2, picking.Drawn().Words.Length);
    }

    [Fact]
    public void Pick_OfAnotherComponent_IsNotTakenAndDrawnAsShut()
    {
        var form = Form();
        form.Choose(form.Components[1], "1.1");
        form.Stages[0].Component = "redis";
        var picking = new ShardPicking(form, Cluster(("redis", ["a", "b"]), ("proxy", ["p", "q"]), ("backup", ["x"])), Profile);
        var before = ComposeYaml.Write(form);

        picking.Pick(form.Stages[0], ["proxy/p", "backup/x"], on: true);

        Assert.Equal(before, ComposeYaml.Write(form));
        Assert.Equal(["backup", "proxy"], picking.Drawn().Closed);
        Assert.DoesNotContain("backup/x", picking.Drawn().Lanes.Keys);
    }

    [Fact]
    public void Account_SaysWhatThePlannerSays()
    {
        var form = Form("a");
        form.Stages[1].By = ShardsBy.Count;
        form.Stages[1].Amount = "2";
        var spec = PlanSpecReader.Read(ComposeYaml.Write(form)).Value!;
        var four = Four with { Components = [Four.Components[0] with { Workloads = [new Workload { Name = "orders", Uid = "u", Shards = ["a", "b", "c", "d"], Strategy = "OnDelete", TargetVersion = "7.2.4", Images = ImmutableSortedDictionary<string, string>.Empty.Add("redis", "redis:7.2.4") }] }] };

        var refusal = PlanBuilder.Build(spec, ComposeYaml.Write(form), four, Profile, "p", "ann", Samples.T0).Refusal;

        Assert.Equal(["d is in no stage."], new ShardPicking(form, Four, Profile).Troubles());
        Assert.Contains("Shard d of component redis is in no stage.", Assert.Single(refusal!.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AmountHalfTyped_TakesNothingYet()
    {
        var form = Form();
        form.Stages[0].Amount = "1x";
        Assert.Equal("a:2 b:2 c:2 d:2", InStages(new ShardPicking(form, Four, Profile)));
    }

    [Fact]
    public void Offered_OnlyWhereAComponentHasSeveralShards()
    {
        Assert.True(ShardPicking.Offered(Four));
        Assert.False(ShardPicking.Offered(Cluster(("redis", ["a"]), ("proxy", ["p"]))));
    }
}

public sealed class ShardPickerTests
{
    private static readonly EngineProfile Profile = ProfileLibrary.BuiltIn.Find("redis-cluster")!;

    private static readonly TopologySnapshot Two = new()
    {
        Cluster = new ClusterKey("demo", "orders"), Version = "e-1", Kind = ClusterKind.StatefulSetGroup, Profile = "redis-cluster", Phase = "Running", ObservedAt = Samples.T0,
        Components = [new Component { Name = "redis", Version = "7.2.4", Shards = [new Shard { Name = "a" }, new Shard { Name = "b" }] }],
    };

    [Fact]
    public async Task Picked_OnTheGraph_IsInTheYamlAndBackInTheFormFromIt()
    {
        await using var stage = new ComposeStage();
        await using var context = new BunitContext();
        var (fields, graph) = Render(context, stage);
        Assert.Empty(fields.FindAll(".picker button"));

        await fields.Find("[aria-label='Unfold stage canary']").ClickAsync();
        Assert.Contains("canary takes 1 of 2 shards.", fields.Find(".picker > [role=status]").TextContent, StringComparison.Ordinal);
        await fields.InvokeAsync(() => fields.FindComponent<TopologyGraph>().Instance.OnPicked(["redis/b"], true));

        Assert.Contains("shards: { names: [a, b] }", stage.Session.Text, StringComparison.Ordinal);
        Assert.Contains("canary takes 2 of 2 shards.", fields.Find(".picker > [role=status]").TextContent, StringComparison.Ordinal);
        Assert.Equal(2, fields.FindAll(".names input:checked").Count);
        Assert.Contains("\"stages\":[1]", System.Text.Json.JsonSerializer.Serialize(graph.Invocations["update"][^1].Arguments[0], System.Text.Json.JsonSerializerOptions.Web), StringComparison.Ordinal);

        stage.Session.Show(ComposeTab.Yaml);
        stage.Session.TextChanged(stage.Session.Text.Replace("names: [a, b]", "names: [b]", StringComparison.Ordinal));
        stage.Session.Show(ComposeTab.Form);
        fields.Render();
        Assert.Contains("Choose a stage", fields.Find(".picker > [role=status]").TextContent, StringComparison.Ordinal);
        Assert.Equal(["1", "1"], fields.FindAll(".picker .count").Select(c => c.TextContent[..1]));
    }

    [Fact]
    public async Task Stage_ChosenByItsRadio_IsTheOneThatTakes()
    {
        await using var stage = new ComposeStage();
        await using var context = new BunitContext();
        var (fields, _) = Render(context, stage);

        await fields.InvokeAsync(() => fields.FindComponent<TopologyGraph>().Instance.OnPicked(["redis/b"], true));
        Assert.Contains("count: 1", stage.Session.Text, StringComparison.Ordinal); // nobody chose a stage
        await fields.FindAll(".picker input[type=radio]")[1].ChangeAsync(true);
        await fields.FindAll(".picker button").Single(b => b.TextContent == "None").ClickAsync();

        Assert.Equal((ShardsBy.Names, 0), (stage.Session.Form.Stages[1].By, stage.Session.Form.Stages[1].Names.Count));
        Assert.Contains("b is in no stage.", fields.Find(".troubles").TextContent, StringComparison.Ordinal);
    }

    private static (IRenderedComponent<ComposeFields> Fields, BunitJSModuleInterop Graph) Render(BunitContext context, ComposeStage stage)
    {
        stage.Session.Form.Choose(stage.Session.Form.Components[0], "8.0.1");
        stage.Session.FormChanged();
        context.JSInterop.SetupModule("./Components/Controls/StageList.razor.js").SetupModule("create", _ => true).SetupVoid("dispose", _ => true).SetVoidResult();
        var graph = context.JSInterop.SetupModule("./js/topology-graph.js").SetupModule("create", _ => true);
        graph.SetupVoid("update", _ => true).SetVoidResult();
        graph.SetupVoid("dispose", _ => true).SetVoidResult();
        IRenderedComponent<ComposeFields> fields = null!;
        fields = context.Render<ComposeFields>(p => p.AddCascadingValue(stage.Session).Add(f => f.ProfileTitle, "Redis Cluster").Add(f => f.Shards, ["a", "b"]).Add(f => f.Topology, Two).Add(f => f.Profile, Profile).Add(f => f.OnChange, () => fields.Render()));
        return (fields, graph);
    }
}
