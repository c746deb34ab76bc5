using System.Collections.Immutable;
using Rollcall.Engine.Documents;

namespace Rollcall.Engine.Profiles;

/// <summary>The keys of an EngineProfile; docs/schema/engine-profile.schema.json has the same.</summary>
internal static class ProfileShapes
{
    private static readonly ImmutableDictionary<string, string> Later = ImmutableDictionary<string, string>.Empty
        .Add("backup", "Take the backup before starting the run.");

    public static readonly DocShape Root = new("An EngineProfile", "", ["apiVersion", "kind", "metadata", "spec"]);
    public static readonly DocShape Metadata = new("'metadata'", "metadata", ["name"]);

    public static readonly DocShape Spec = new("'spec'", "spec",
        ["title", "detect", "roles", "components", "limits", "cooldown", "probe", "lag", "switchover", "handover", "movers", "drain", "finaliser", "versions", "rollback", "estimates", "deadlines", "stages", "hooks"]) { NotActedOn = Later };

    public static readonly DocShape Detect = new("'detect'", "detect", ["definitions", "images"]);
    public static readonly DocShape Role = new("A role", "role", ["name", "letter", "order", "leads", "votes", "electable", "aliases"]);
    public static readonly DocShape Components = new("'components'", "components", ["up", "down", "sections"]);
    public static readonly DocShape Section = new("A section of components", "section",
        ["match", "title", "roles", "limits", "cooldown", "probe", "lag", "switchover", "handover", "drain", "versions", "rollback", "estimates", "deadlines", "stages"]);
    public static readonly DocShape Mover = new("A mover", "mover", ["name", "title", "component", "role", "containers", "check", "suspended", "running", "suspend", "resume", "timeout", "deadline"]);
    public static readonly DocShape Drain = new("'drain'", "drain", ["roles", "containers", "command", "undo", "timeout"]);
    public static readonly DocShape Finaliser = new("'finaliser'", "finaliser", ["title", "implicit", "component", "role", "containers", "check", "raised", "raise", "lower", "lowered", "soak", "timeout"]);
    public static readonly DocShape Limits = new("'limits'", "limits", ["membersAtOnce", "shardsAtOnce", "shardsPercent", "leaderMajority", "quorum", "zoneExclusive", "partlyUpdatedShards", "stop"]);

    public static readonly DocShape Probe = new("'probe'", "probe",
        ["containers", "command", "http", "tool", "reader", "role", "position", "lagSeconds", "version", "copies", "copiesExempt", "keep", "linked", "healthy", "progress", "sameAsLeader", "timeout", "period", "maxAge"]);

    public static readonly DocShape Http = new("'http'", "http", ["port", "path", "scheme"]);

    public static readonly DocShape Cooldown = CooldownReader.Shape;
    public static readonly DocShape Lag = new("'lag'", "lag", ["maxBytes", "maxSeconds", "consecutive"]);
    public static readonly DocShape Switchover = new("'switchover'", "switchover", ["on", "containers", "command", "expect", "timeout"]);
    public static readonly DocShape Versions = new("'versions'", "versions", ["maxMajorStep", "maxMinorStep", "followerNotOlder", "readableDown", "source"]);
    public static readonly DocShape Rollback = new("'rollback'", "rollback", ["afterSwitchover", "note", "alternative"]);
    public static readonly DocShape Estimates = new("'estimates'", "estimates", ["terminate", "start", "sync", "switchover"]);
    public static readonly DocShape Deadlines = new("'deadlines'", "deadlines", ["ready", "sync", "role", "action"]);

    public static ImmutableArray<DocShape> All { get; } =
    [
        Root, Metadata, Spec, Detect, Role, Components, Section, Mover, Drain, Finaliser, Limits, Cooldown, Probe, Http, Lag, Switchover, Versions, Rollback, Estimates, Deadlines, StageReader.Stage, StageReader.Shards, StageReader.Gate, AnalysisReader.Analysis, AnalysisReader.Json,
        ActionReader.Hook, ActionReader.Exec, ActionReader.Job, ActionReader.Webhook, ActionReader.Ops,
    ];
}
