using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 33. With three shards or more the first stage takes one alone and soaks before the others follow: what the new version breaks it breaks once.</summary>
public static class CanaryFirst
{
    public const string Name = "CanaryFirst";
    /// <summary>Fewer shards have nobody to be first among.</summary>
    public const int LeastShards = 3;
    /// <summary>What Compose proposes.</summary>
    public static readonly TimeSpan Soak = TimeSpan.FromMinutes(10);

    public static Finding? Check(PlannedComponent component)
    {
        ArgumentNullException.ThrowIfNull(component);
        var (shards, stages) = (component.Shards.Length, component.Stages);
        if (shards < LeastShards || stages.IsEmpty)
            return null;
        var first = stages[0];
        if (first.Shards.Length > 1)
            return new Finding(Severity.Warning, Name,
                $"{component.Name}: the first stage, {first.Name}, takes {first.Shards.Length} of {shards} shards. Let one shard go first and soak ({ShardContext.Duration(Soak)} is usual), so that a bad version is found there.", "/spec/stages");
        // Stages of followers and leaders of the same first shard are one canary; the soak may stand at the last of them.
        var canary = stages.TakeWhile(s => s.Shards.Length == 1 && s.Shards[0] == first.Shards[0]).ToList();
        var asked = canary.Count < stages.Length && stages[canary.Count].Gate is not null;
        return canary.Exists(s => s.Soak > TimeSpan.Zero) || asked ? null : new Finding(Severity.Info, Name,
            $"{component.Name}: {first.Shards[0]} goes first, but the others follow at once. A soak ({ShardContext.Duration(Soak)} is usual) or a gate would give trouble time to show.", "/spec/stages");
    }

    /// <summary>The stages that Compose proposes where the profile itself would take all shards in one.</summary>
    public static System.Collections.Immutable.ImmutableArray<StageSpec> Propose(System.Collections.Immutable.ImmutableArray<StageSpec> stages, int shards) =>
        shards < LeastShards || stages is not [{ Shards.Rest: true, Roles: "all" } only]
            ? stages
            : [new StageSpec { Name = only.Name == "canary" ? "first" : "canary", Component = only.Component, Shards = new ShardSelector { Count = 1 }, Soak = Soak, Gate = only.Gate }, only];
}
