using Bunit;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Shared;
using Rollcall.Web.Components.Controls;
using Xunit;

namespace Rollcall.Components;

public sealed class StageListTests
{
    [Fact]
    public async Task Cards_AreShortUntilUnfolded_AndShowErrorsEitherWay()
    {
        await using var stage = new ComposeStage { Answer = document => Task.FromResult<Result<PlanView>>(PlanSpecReader.Read(document).Refusal is { } refusal ? refusal : Samples.Plan()) };
        stage.Session.Form.Choose(stage.Session.Form.Components[0], "8.0.1");
        stage.Session.Form.Stages[0].Soak = "soon";
        stage.Session.FormChanged();
        await stage.PreviewAsync();
        await using var context = new BunitContext();
        var list = Render(context, stage);

        Assert.Contains("1 shard · soak soon", list.FindAll("[data-stage]")[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("1 error", list.FindAll("[data-stage]")[0].TextContent, StringComparison.Ordinal);
        Assert.Empty(list.FindAll("select"));
        await list.Find("[aria-label='Unfold stage canary']").ClickAsync();
        Assert.Equal("soon", list.Find("input[id$=-soak]").GetAttribute("value"));
        Assert.Contains("soon", list.Find(".wrong").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Moved_ByTheModule_WritesTheNewOrderAndSaysSo()
    {
        await using var stage = new ComposeStage();
        await using var context = new BunitContext();
        var list = Render(context, stage);

        await list.InvokeAsync(() => list.Instance.MovedAsync(stage.Session.Form.Stages[1].Id, 0));

        Assert.Equal(["rest", "canary"], stage.Session.Form.Stages.Select(s => s.Name));
        Assert.True(stage.Session.Text.IndexOf("name: rest", StringComparison.Ordinal) < stage.Session.Text.IndexOf("name: canary", StringComparison.Ordinal));
        Assert.Equal("Stage rest is now 1 of 2.", list.Find("[role=status]").TextContent);
    }

    private static IRenderedComponent<StageList> Render(BunitContext context, ComposeStage stage)
    {
        var module = context.JSInterop.SetupModule("./Components/Controls/StageList.razor.js");
        module.SetupModule("create", _ => true).SetupVoid("dispose", _ => true).SetVoidResult();
        return context.Render<StageList>(p => p.AddCascadingValue(stage.Session).Add(l => l.Shards, ["a", "b"]).Add(l => l.OnChange, () => stage.Session.FormChanged()));
    }
}
