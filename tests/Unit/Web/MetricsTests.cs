using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Rollcall.Unit.Profiles;
using Xunit;

namespace Rollcall.Unit.Web;

/// <summary>The figures against docs/metrics.md: every one is described, and nothing that is described is missing.</summary>
[Collection(nameof(Dashboard))]
public sealed partial class MetricsTests(Dashboard dashboard)
{
    private static string Documentation => File.ReadAllText(Path.Combine(Repository.Root, "docs", "metrics.md"));

    private static string[] Described => [.. Row().Matches(Documentation).Select(m => m.Groups["name"].Value).Order(StringComparer.Ordinal)];

    [Fact]
    public void Instruments_AreThoseOfTheDocumentation()
    {
        Assert.NotNull(dashboard.Services);
        var names = new SortedSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == Rollcall.Web.Hosting.Measures.Name)
                names.Add(Exported(instrument));
        };
        listener.Start();
        Assert.Equal(Described, names);
    }

    /// <summary>As OpenMetrics has it: underscores, the unit as a suffix, and _total for what only grows.</summary>
    private static string Exported(Instrument instrument) =>
        instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "") + (instrument.GetType().Name.Contains("Counter", StringComparison.Ordinal) ? "_total" : "");

    [Fact]
    public async Task Scrape_NamesWhatIsDescribedAndRules_UseOnlyThat()
    {
        using var client = dashboard.WithToken();
        var text = await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        var scraped = Type().Matches(text).Select(m => m.Groups["name"].Value).ToArray();
        Assert.Contains("rollcall_runs", scraped);
        Assert.Contains("rollcall_notifications", scraped);
        Assert.Empty(scraped.Except(Described));
        var used = Used().Matches(Documentation).Select(m => Regex.Replace(m.Value, "_bucket$", "", RegexOptions.None, TimeSpan.FromSeconds(1))).Distinct().ToArray();
        Assert.InRange(used.Length, 4, 20);
        Assert.Empty(used.Except(Described));
    }

    [Fact]
    public void StepDuration_IsFromTheFirstIntentToTheEnd()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var news = new RunNews(NullLogger<RunNews>.Instance);
        var factory = services.GetRequiredService<IMeterFactory>();
        _ = new StepMeter(factory, news);
        var seen = new List<(double, string)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "rollcall.step.duration" && ReferenceEquals(instrument.Meter.Scope, factory))
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => seen.Add((value, string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}")))));
        listener.Start();
        var at = Make.Noon;
        var ledger = Ledger.Empty.Apply(1, at, new StepStarted("s1", StepKind.Switchover, "redis", "all", "shard-a", null, 1, null)).Apply(2, at.AddSeconds(4), new StepStarted("s1", StepKind.Switchover, "redis", "all", "shard-a", null, 2, null));
        news.Tell(new RunLines("r1", null, Make.Plan(Make.Cluster(1)), ledger, new JournalBatch("r1", 3, at.AddSeconds(6), [new StepFinished("s1", 2, StepState.Succeeded, null), new StepFinished("none", 1, StepState.Succeeded, null)])));
        Assert.Equal((6d, "kind=Switchover outcome=Succeeded"), Assert.Single(seen));
    }

    [GeneratedRegex(@"^\| `(?<name>rollcall_[a-z_]+)` \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();

    [GeneratedRegex("^# TYPE (?<name>rollcall_[a-z_]+) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Type();

    [GeneratedRegex(@"rollcall_[a-z_]+(?=[{ ])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Used();
}
