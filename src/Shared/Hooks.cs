using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Rollcall.Shared;

/// <summary>Something that is run at a point of the plan: for one stage, for every stage (in the plan's own list or the profile's), or around a rollback.</summary>
public sealed record HookSpec
{
    public required string Name { get; init; }
    /// <summary>One of <see cref="HookPoints.All"/>.</summary>
    public required string On { get; init; }
    /// <summary>At instances: only members in these roles. Elsewhere: in which member a command runs. Empty: every member, or the leader.</summary>
    public ImmutableArray<string> Roles { get; init; } = [];
    public required ActionSpec Action { get; init; }
    /// <summary>pause, continue or rollback.</summary>
    public string OnFailure { get; init; } = "pause";

    [JsonIgnore] public bool AroundRollback => On is HookPoints.BeforeRollback or HookPoints.AfterRollback;
    [JsonIgnore] public bool AtInstance => On is HookPoints.BeforeInstance or HookPoints.AfterInstance;
}

public static class HookPoints
{
    public const string BeforeStage = nameof(BeforeStage), AfterStage = nameof(AfterStage), BeforeShard = nameof(BeforeShard), AfterShard = nameof(AfterShard), BeforeInstance = nameof(BeforeInstance),
        AfterInstance = nameof(AfterInstance), BeforeSwitchover = nameof(BeforeSwitchover), AfterSwitchover = nameof(AfterSwitchover), BeforeRollback = nameof(BeforeRollback), AfterRollback = nameof(AfterRollback);

    public static ImmutableArray<string> OfStages { get; } = [BeforeStage, AfterStage, BeforeShard, AfterShard, BeforeInstance, AfterInstance, BeforeSwitchover, AfterSwitchover];

    public static ImmutableArray<string> All { get; } = [.. OfStages, BeforeRollback, AfterRollback];
}
