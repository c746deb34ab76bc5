using Bunit;
using Rollcall.Shared;
using Rollcall.Web.Components.Controls;
using Xunit;

namespace Rollcall.Components;

public sealed class StepEvidenceTests
{
    private static readonly Evidence Lag = new("lag of b-0", "0 bytes behind", "redis-cli on b-0", Samples.T0.AddSeconds(-3)) { Rule = "ReplicationCaughtUp" };

    [Fact]
    public async Task Closed_SaysHowManyAndShowsNone_OpenShowsRuleValueSourceAndAge()
    {
        await using var context = new BunitContext();
        var shown = context.Render<StepEvidence>(p => p.Add(c => c.Evidence, [Lag]).Add(c => c.StartedAt, Samples.T0));

        Assert.Equal("false", shown.Find("button").GetAttribute("aria-expanded"));
        Assert.Contains("What the rules saw 1", shown.Find("button").TextContent, StringComparison.Ordinal);
        Assert.Empty(shown.FindAll("li"));

        await shown.Find("button").ClickAsync();

        Assert.Equal("true", shown.Find("button").GetAttribute("aria-expanded"));
        var line = shown.Find("li");
        Assert.Contains("lag of b-0: 0 bytes behind", line.TextContent, StringComparison.Ordinal);
        Assert.Contains("says redis-cli on b-0, 3 s before the start", line.TextContent, StringComparison.Ordinal);
        Assert.Equal("/rules#ReplicationCaughtUp", line.QuerySelector("a")!.GetAttribute("href"));
    }

    [Fact]
    public async Task None_DrawsNothing()
    {
        await using var context = new BunitContext();

        Assert.Equal("", context.Render<StepEvidence>(p => p.Add(c => c.Evidence, [])).Markup.Trim());
    }

    [Fact]
    public async Task RuleName_OfACataloguedRule_ExplainsItself_AnyOtherIsPlainText()
    {
        await using var context = new BunitContext();

        var link = context.Render<RuleName>(p => p.Add(c => c.Name, "SingleHandover").Add(c => c.Prefix, "Rule ")).Find("a");
        Assert.Equal(("/rules#SingleHandover", "Rule SingleHandover"), (link.GetAttribute("href"), link.TextContent));
        Assert.StartsWith("A shard is switched over at most once per run", link.GetAttribute("title"), StringComparison.Ordinal);
        Assert.Empty(context.Render<RuleName>(p => p.Add(c => c.Name, "Unheard")).FindAll("a"));
    }
}
