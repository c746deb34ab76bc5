using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Documents;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>The keys of a RolloutPlan; docs/schema/rollout-plan.schema.json has the same.</summary>
internal static class PlanShapes
{
    public static readonly DocShape Root = new("A RolloutPlan", "", ["apiVersion", "kind", "metadata", "spec"]);

    public static readonly DocShape Metadata = new("'metadata'", "metadata", ["name", "namespace"]);

    public static readonly DocShape Spec = new("'spec'", "spec", ["target", "changes", "stages", "safety", "rollback", "hooks", "finalise", "acknowledge"])
    {
        NotActedOn = ImmutableDictionary<string, string>.Empty
            .Add("analysis", "Put a gate in its place and look at the metric before approving.")
            .Add("backup", "It belongs under 'safety'.")
            .Add("movers", "They are part of the engine profile, and acted on there.")
            .Add("notify", "Follow the run on its page or through the API."),
    };

    public static readonly DocShape Target = new("'target'", "target", ["kind", "name"]);

    public static readonly DocShape Change = new("A change", "change", ["component", "serviceVersion", "componentDef", "images"])
    {
        NotActedOn = ImmutableDictionary<string, string>.Empty
            .Add("template", OneKindOfChange.OnlyVersions)
            .Add("parameters", ConfigDirection.Refused)
            .Add("config", ConfigDirection.Refused)
            .Add("resources", OneKindOfChange.OnlyVersions)
            .Add("storage", GrowOnlyStorage.Refused)
            .Add("volumeClaimTemplates", GrowOnlyStorage.Refused)
            .Add("replicas", OneKindOfChange.OnlyVersions),
    };

    public static readonly DocShape Safety = new("'safety'", "safety", ["lag", "readyDeadline", "cooldown", "zoneExclusive", "partlyUpdatedShards", "restoreLeaders", "handoverWindow", "freeze", "backup"])
    {
        NotActedOn = ImmutableDictionary<string, string>.Empty
            .Add("window", "Leaders have handoverWindow; what must not start at all has freeze."),
    };

    public static readonly DocShape Lag = new("'lag'", "lag", ["maxBytes", "maxSeconds"]);

    public static readonly DocShape Finalise = new("'finalise'", "finalise", ["soak", "gate"]);

    public static readonly DocShape Backup = new("'backup'", "backup", ["maxAge", "take"]);

    public static readonly DocShape Take = new("'take'", "take", ["policy", "method", "timeout", "retries"]);

    public static readonly DocShape Rollback = new("'rollback'", "rollback", ["automatic", "restoreLeaders"]);

    public static ImmutableArray<DocShape> All { get; } = [Root, Metadata, Spec, Target, Change, StageReader.Stage, StageReader.Shards, StageReader.Gate, AnalysisReader.Analysis, AnalysisReader.Json, Safety, Lag, CooldownReader.Shape, WindowReader.Handover, WindowReader.Freeze, Backup, Take, Rollback, Finalise, ActionReader.Hook, ActionReader.Exec, ActionReader.Job, ActionReader.Webhook, ActionReader.Ops];
}

/// <summary>Warnings that an author takes on by name, under <c>acknowledge</c>.</summary>
public static class Acknowledgements
{
    /// <summary>A shard with one member: its replacement is an outage.</summary>
    public const string Singleton = "singleton";
    /// <summary>Argo CD, Flux or Helm may write the same objects.</summary>
    public const string ManagedElsewhere = "managedElsewhere";
    /// <summary>Leaders of a cluster of one or two shards move although no majority of leaders stays.</summary>
    public const string SmallCluster = "smallCluster";

    /// <summary>The profile's switchover is a forced one, which may lose writes.</summary>
    public const string ForcedHandover = "forcedHandover";
    /// <summary>A change of another kind (parameters, resources) waits in the template and comes along.</summary>
    public const string OtherChanges = "otherChanges";

    public static ImmutableArray<string> All { get; } = [Singleton, ManagedElsewhere, SmallCluster, ForcedHandover, OtherChanges];
}
