using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>The planner's side of HandoverTargetEligible: leadership can only be handed over where somebody offers a switchover.</summary>
public static class SwitchoverAvailable
{
    public const string Name = "HandoverTargetEligible";

    public static Finding? Check(PlannedComponent component, ClusterKind kind, EngineProfile profile, string path)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(profile);
        // KubeBlocks has its own switchover, by OpsRequest.
        return kind == ClusterKind.Cluster || !profile.HasLeader || profile.HandsOverByStopping || profile.Switchover is not null || component.Shards.All(s => s.Instances.Length < 2) ? null
            : new Finding(Severity.Error, Name, $"{component.Name}: the profile {profile.Name} has a leader but no switchover, so its leaders cannot be handed over.", path);
    }
}
