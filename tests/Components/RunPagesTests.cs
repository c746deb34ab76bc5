using System.Collections.Immutable;
using Rollcall.Shared;
using Rollcall.Web.Model.Watching;
using Xunit;

namespace Rollcall.Components;

public sealed class RunPagesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Newest first; always two in the same moment, so that the id has to decide.</summary>
    private static ImmutableArray<RunView> Thousand =>
        [.. Enumerable.Range(0, 1000).Select(i => Samples.Run(i % 4 == 0 ? RunState.Failed : RunState.Succeeded) with { Id = $"r-{999 - i:000}", CreatedAt = Noon.AddMinutes(-(i / 2)), StartedBy = i % 2 == 0 ? "ann" : "olaf" })];

    private static RunView Newer => Samples.Run() with { Id = "r-new", CreatedAt = Noon.AddMinutes(1) };

    [Fact]
    public void Cut_PageAfterPage_ShowsEveryRunOnceAlthoughOthersStartMeanwhile()
    {
        var rows = Thousand;
        var seen = new List<string>();
        for (RunCursor? place = null; ;)
        {
            var page = RunPage.Cut(rows, place, 47);
            seen.AddRange(page.Rows.Select(r => r.Id));
            Assert.Equal(rows.Length, page.First + page.Rows.Length + page.Older);
            if ((place = page.Continue) is null)
                break;
            rows = [Newer with { Id = $"r-new-{seen.Count}", CreatedAt = Noon.AddMinutes(seen.Count) }, .. rows];
        }

        Assert.Equal(Thousand.Select(r => r.Id), seen);
    }

    [Fact]
    public void Cut_SecondPage_SaysWhichRunsTheseAreAndLeadsBothWays()
    {
        var filter = RunFilter.Parse(null, null, null);
        var first = filter.Cut(Thousand);
        var second = (filter with { After = first.Continue }).Cut(Thousand);
        var third = (filter with { After = second.Continue }).Cut(Thousand);

        Assert.Equal(("1 to 50 of 1,000", "51 to 100 of 1,000", "101 to 150 of 1,000"), (first.InWords, second.InWords, third.InWords));
        Assert.Null(second.Back);
        Assert.Equal(second.Rows.Select(r => r.Id), (filter with { After = third.Back }).Cut(Thousand).Rows.Select(r => r.Id));
    }

    [Fact]
    public void Cut_BehindTheLast_ShowsTheNewest()
    {
        var page = (RunFilter.Parse(null, null, null) with { After = new RunCursor(Noon.AddYears(-1), "r") }).Cut(Thousand);

        Assert.Equal((0, 50), (page.First, page.Rows.Length));
        Assert.True(RunPage.Cut(Thousand, new RunCursor(Noon.AddYears(-1), "r"), 50).Rows.IsEmpty);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("%%%")]
    [InlineData("bm9uc2Vuc2U")]
    [InlineData("OTk5OTk5OTk5OTk5OTk5OTk5OS5y")]
    public void Parse_WhatTheListNeverGave_IsNoPlace(string token) => Assert.Null(RunCursor.Parse(token));

    [Fact]
    public void Apply_ByPerson_CountsWhatIsLeftInEachState()
    {
        var (rows, counts, total) = RunFilter.Parse("failed", null, null, "ANN").Apply(Thousand);

        Assert.Equal((250, 500, 250, 250), (rows.Length, total, counts[RunState.Failed], counts[RunState.Succeeded]));
    }

    [Fact]
    public void Href_AllOfIt_ReadsBackTheSame()
    {
        var filter = RunFilter.Parse("paused", "demo/orders", "a&b", "ann", new RunCursor(Noon, "r-1").ToString());

        Assert.Equal("/runs?state=paused&cluster=demo%2Forders&by=ann&q=a%26b&after=" + filter.After, filter.Href());
        Assert.Equal(new RunCursor(Noon, "r-1"), RunCursor.Parse(filter.After.ToString()));
        Assert.Equal("/runs", RunFilter.Parse("nonsense", " ", null, null, "x").Href());
    }

    [Fact]
    public void For_ARollback_OffersToGoForwardAgain()
    {
        var run = Samples.Run(RunState.Succeeded) with { RollbackOf = "r-0", Backwards = true };

        Assert.Contains(RunActions.For(run, Samples.Operator, readOnly: false, heldByRun: false), a => a is { Kind: RunActionKind.RollForward, Enabled: true });
        Assert.Contains("on 8.0.1", RunHeading.Progress(run), StringComparison.Ordinal);
    }
}
