using System.Diagnostics;
using System.Globalization;

namespace Rollcall.Bench;

/// <summary>
/// Managed heap and working set of the whole dashboard (its demo cluster included) with a cluster of 100 to 30,000 instances in it, and with a predicted plan over all of them: what lives
/// after a full collection. Beside it the same cluster's bytes an instance, which are to stay flat.
/// </summary>
internal static class MemoryBench
{
    public static async Task RunAsync()
    {
        Console.WriteLine("memory: instances   heap MB, working set MB: without / with the cluster / with a stored plan of it   bytes an instance: picture / plan   plan made in s, peak working set MB");
        foreach (var instances in (int[])[99, 999, 9_999, 30_000])
        {
            await using var server = await BenchServer.StartAsync("demo");
            using var api = new BenchApi(server);
            await api.ClusterReadyAsync("orders", 12);
            // What the first request and the first plan make once and for all is not the cluster's.
            _ = await api.StoreAsync("demo", "orders", "redis", "7.2.5", 1);
            var (without, without2) = Now();
            server.Put(instances, rollable: true);
            await Task.Delay(TimeSpan.FromSeconds(6), TimeProvider.System); // one sample of the lag history and the lists have been told
            var (with, with2) = Now();
            var clock = Stopwatch.StartNew();
            var plan = await api.StoreAsync(BigCluster.Key.Namespace, BigCluster.Key.Name, "redis", "7.2.5", 1);
            var took = clock.Elapsed.TotalSeconds;
            if (plan.Totals.Replacements != instances)
                throw new InvalidOperationException($"The plan replaces {plan.Totals.Replacements} members, not {instances}.");
            plan = null; // the client's copy is not the dashboard's
            var (planned, planned2) = Now();
            using var self = Process.GetCurrentProcess();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{instances,17:N0}   {Mb(without)}, {Mb(without2)} / {Mb(with)}, {Mb(with2)} / {Mb(planned)}, {Mb(planned2)}   {(with - without) / (double)instances:0} / {(planned - with) / (double)instances:0}   {took:0.0}, {Mb(self.PeakWorkingSet64)}"));
        }
    }

    /// <summary>What lives, not what the collector has yet to look at; twice, because finalisers come between.</summary>
    public static (long Heap, long WorkingSet) Now()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        using var self = Process.GetCurrentProcess();
        return (heap, self.WorkingSet64);
    }

    private static string Mb(long bytes) => (bytes / 1048576.0).ToString("0", CultureInfo.InvariantCulture);
}
