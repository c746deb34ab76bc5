using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Bench;

/// <summary>Committed events a second with synchronous=FULL: one writer with group commit against one commit an event with the raw driver, in one run. Figure: 2,000 a second.</summary>
internal static class JournalBench
{
    private const int Runs = 64, EventsEach = 200;

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("rollcall-bench-").FullName;
        try
        {
            var ours = await OursAsync(Path.Combine(folder, "rollcall.db"));
            var raw = Raw(Path.Combine(folder, "raw.db"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"journal: {ours:0} committed events/s from {Runs} runs at once; raw driver, one commit an event: {raw:0}/s; ratio {ours / raw:0.0}"));
        }
        finally
        {
            RawCommits.Close();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> OursAsync(string file)
    {
        var time = TimeProvider.System;
        await using var database = Database.Open($"Data Source={file}", time, NullLogger.Instance);
        var journal = new Journal(database);
        var plan = PlannerBench.Sample(3);
        await journal.StorePlanAsync(plan);
        for (var r = 0; r < Runs; r++)
        {
            var row = new RunRow { Id = $"r{r}", PlanId = plan.Id, Cluster = $"bench/c{r}", Origin = "bench", StartedBy = "bench", CreatedAt = time.GetUtcNow() };
            await journal.CreateRunAsync(row, new JournalBatch(row.Id, 1, time.GetUtcNow(), [new RunStarted(plan.Id, plan.Hash)]));
        }
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Runs).Select(async r =>
        {
            for (var i = 0; i < EventsEach; i++)
                await journal.AppendAsync(new JournalBatch($"r{r}", 2 + i, time.GetUtcNow(), [new ActReturned("redis.shard-a.replace.orders-a-1", 1, ActStatus.Accepted, new Reason("orders-a-1 is evicted; its controller creates it anew."))]));
        }));
        return Runs * EventsEach / clock.Elapsed.TotalSeconds;
    }

    private static double Raw(string file)
    {
        using var disk = new RawCommits(file);
        const int count = 1000;
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
            disk.Commit();
        return count / clock.Elapsed.TotalSeconds;
    }
}
