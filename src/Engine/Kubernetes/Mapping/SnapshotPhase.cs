using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>One word for the whole cluster.</summary>
public static class SnapshotPhase
{
    public static string Of(ImmutableArray<Component> components, bool held)
    {
        var (any, broken, mixed, notReady) = (false, false, false, false);
        foreach (var component in components)
        {
            foreach (var shard in component.Shards)
                foreach (var instance in shard.Instances)
                {
                    any = true;
                    broken |= instance.Problem is not null || instance.Phase == "Failed";
                    mixed |= !instance.Updated && instance.Phase != "Missing";
                    notReady |= !instance.Ready;
                }
            mixed |= component.Workloads.Any(w => !w.Observed);
        }
        return !any ? "Unknown" : broken ? "Degraded" : mixed ? "Updating" : !notReady ? "Running" : held ? "Updating" : "Degraded";
    }
}
