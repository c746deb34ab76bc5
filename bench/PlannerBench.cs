using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Bench;

/// <summary>Preview of a whole rollout by the number of instances. Figure: 1,000 shards x 3 under 200 ms; cost per instance flat from 100 to 30,000 within 25 %.</summary>
internal static class PlannerBench
{
    public static void Run()
    {
        var now = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        var profile = ProfileLibrary.BuiltIn.Find("redis-cluster")!;
        Console.WriteLine("planner: shards  instances   median ms   us/instance   MB allocated");
        foreach (var shards in (int[])[33, 100, 333, 1000, 3333, 10_000])
        {
            var cluster = Cluster(shards, profile);
            var plan = PlanFor(cluster, profile);
            _ = Previewer.Complete(plan, cluster, now);
            var times = new List<double>();
            long allocated = 0;
            for (var i = 0; i < (shards > 2000 ? 3 : 7); i++)
            {
                var before = GC.GetTotalAllocatedBytes(true);
                var clock = Stopwatch.StartNew();
                var done = Previewer.Complete(plan, cluster, now);
                times.Add(clock.Elapsed.TotalMilliseconds);
                allocated = GC.GetTotalAllocatedBytes(true) - before;
                if (done.Totals.Switchovers != shards)
                    throw new InvalidOperationException($"{done.Totals.Switchovers} switchovers instead of {shards}: {done.Findings[0].Message}");
            }
            times.Sort();
            var median = times[times.Count / 2];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{shards,15}{shards * 3,11}{median,12:0.0}{median * 1000 / (shards * 3),14:0.0}{allocated / 1048576.0,15:0.0}"));
        }
    }

    public static Plan Sample(int shards)
    {
        var profile = ProfileLibrary.BuiltIn.Find("redis-cluster")!;
        return PlanFor(Cluster(shards, profile), profile);
    }

    private static TopologySnapshot Cluster(int shards, EngineProfile profile)
    {
        var images = ImmutableSortedDictionary<string, string>.Empty.Add("redis", "redis:7.2.4");
        var names = Enumerable.Range(0, shards).Select(i => $"s{i:D5}").ToList();
        return new TopologySnapshot
        {
            Cluster = new ClusterKey("bench", "orders"), Version = "e-1", Kind = ClusterKind.StatefulSetGroup, Profile = profile.Name, Phase = "Running", ObservedAt = DateTimeOffset.UnixEpoch,
            Components =
            [
                new Component
                {
                    Name = "redis", Version = "7.2.4", Versions = ["7.2.4"],
                    Workloads = [.. names.Select(n => new Workload { Name = n, Uid = n, Shards = [n], Strategy = "RollingUpdate", TargetVersion = "7.2.4", Observed = true, Settled = true, Images = images, Replicas = 3 })],
                    Shards = [.. names.Select(n => new Shard
                    {
                        Name = n,
                        Instances = [.. Enumerable.Range(0, 3).Select(o => new Instance
                        {
                            Name = $"{n}-{o}", Ordinal = o, Role = o == 0 ? "primary" : "secondary", Version = "7.2.4", Updated = true, Ready = true, Uid = $"{n}-{o}", Phase = "Running", Workload = n, Images = images,
                        })],
                    })],
                },
            ],
        };
    }

    private static Plan PlanFor(TopologySnapshot cluster, EngineProfile profile)
    {
        static VersionRef Ref(string v) => new() { Version = v, Images = ImmutableSortedDictionary<string, string>.Empty.Add("redis", $"redis:{v}") };
        var c = cluster.Components[0];
        return new Plan
        {
            Id = "bench", Hash = "bench", SpecText = "", Kind = cluster.Kind, Profile = profile,
            Spec = new PlanSpec { Name = "bench", Namespace = "bench", Target = new TargetSpec(cluster.Kind, "orders"), Changes = [new ChangeSpec { Component = "redis", ServiceVersion = "7.2.5" }] },
            Components =
            [
                new PlannedComponent
                {
                    Name = "redis", From = Ref("7.2.4"), To = Ref("7.2.5"),
                    Targets = [.. c.Workloads.Select(w => new WorkloadTarget(w.Name, Ref("7.2.4"), Ref("7.2.5")))],
                    Shards = [.. c.Shards.Select(s => new ShardBaseline(s.Name, [.. s.Instances.Select(i => i.Name)]))],
                    Stages = [new PlannedStage { Name = "all", Shards = [.. c.Shards.Select(s => s.Name)], ShardsAtOnce = 1 }],
                },
            ],
        };
    }
}
