using System.Collections.Immutable;
using Rollcall.Shared;
using Rollcall.Web.Model.Watching;
using Xunit;

namespace Rollcall.Components;

public sealed class RunPagesTests
{
    private static ImmutableArray<RunView> Thousand => [.. Enumerable.Range(0, 1000).Select(i => Samples.Run(i % 4 == 0 ? RunState.Failed : RunState.Succeeded) with { Id = $"r-{i}", StartedBy = i % 2 == 0 ? "ann" : "olaf" })];

    [Fact]
    public void Cut_ThousandRuns_ShowsAPageAtATime()
    {
        var filter = RunFilter.Parse(null, null, null, page: 3);

        var (shown, page, pages) = filter.Cut(filter.Apply(Thousand).Rows);

        Assert.Equal((50, "r-100", 3, 20), (shown.Length, shown[0].Id, page, pages));
    }

    [Fact]
    public void Cut_PageBehindTheLast_IsTheLast()
    {
        var filter = RunFilter.Parse("failed", null, null, page: 99);

        var (shown, page, pages) = filter.Cut(filter.Apply(Thousand).Rows);

        Assert.Equal((5, 5, 50), (page, pages, shown.Length));
    }

    [Fact]
    public void Apply_ByPerson_CountsWhatIsLeftInEachState()
    {
        var (rows, counts, total) = RunFilter.Parse("failed", null, null, "ANN").Apply(Thousand);

        Assert.Equal((250, 500, 250, 250), (rows.Length, total, counts[RunState.Failed], counts[RunState.Succeeded]));
    }

    [Fact]
    public void Href_AllOfIt_ReadsBackTheSame()
    {
        var filter = RunFilter.Parse("paused", "demo/orders", "a&b", "ann", 4);

        Assert.Equal("/runs?state=paused&cluster=demo%2Forders&by=ann&q=a%26b&page=4", filter.Href());
        Assert.Equal("/runs", RunFilter.Parse("nonsense", " ", null, null, -3).Href());
    }

    [Fact]
    public void For_ARollback_OffersToGoForwardAgain()
    {
        var run = Samples.Run(RunState.Succeeded) with { RollbackOf = "r-0", Backwards = true };

        Assert.Contains(RunActions.For(run, Samples.Operator, readOnly: false, heldByRun: false), a => a is { Kind: RunActionKind.RollForward, Enabled: true });
        Assert.Contains("on 8.0.1", RunHeading.Progress(run), StringComparison.Ordinal);
    }
}
