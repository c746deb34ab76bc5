using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>One thing a driver may be asked to do. Every act is idempotent by its own preconditions.</summary>
/// <param name="Step">Id of the step it belongs to; DNS-safe.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "act")]
[JsonDerivedType(typeof(HoldAct), "hold")]
[JsonDerivedType(typeof(RetargetAct), "retarget")]
[JsonDerivedType(typeof(ReplaceAct), "replace")]
[JsonDerivedType(typeof(SwitchoverAct), "switchover")]
[JsonDerivedType(typeof(ReleaseAct), "release")]
[JsonDerivedType(typeof(ActionAct), "action")]
public abstract record Act(string Step, string Component)
{
    /// <summary>It takes something away from the database; the shard's Pods are listed afresh and Decide is asked again before it.</summary>
    [JsonIgnore] public virtual bool Disruptive => false;
}

/// <summary>Nothing of these workloads restarts by itself any more. Their own strategies become obligations.</summary>
public sealed record HoldAct(string Step, string Component, ImmutableArray<string> Workloads) : Act(Step, Component);

/// <summary>Write the version into these workloads' templates (nothing moves under Hold).</summary>
public sealed record RetargetAct(string Step, string Component, ImmutableArray<string> Workloads, VersionRef To) : Act(Step, Component);

/// <summary>Let exactly this member take the template. A healthy member is evicted, a dead one deleted; both with the uid as precondition.</summary>
public sealed record ReplaceAct(string Step, string Component, string Shard, string Instance, string Uid, bool Dead) : Act(Step, Component)
{
    public override bool Disruptive => true;
}

/// <summary>Ask the database's own switchover to hand over from <see cref="From"/>, which must lead, to <see cref="To"/>.</summary>
public sealed record SwitchoverAct(string Step, string Component, string Shard, string From, string To) : Act(Step, Component)
{
    public override bool Disruptive => true;
}

/// <summary>Give the update strategies back.</summary>
public sealed record ReleaseAct(string Step, string Component, ImmutableArray<string> Workloads) : Act(Step, Component);

/// <summary>
/// Run something for the plan. Its answer is its outcome: nothing of it is to be seen in the topology. A step holds the same action in all its attempts.
/// </summary>
/// <param name="Shard">Null where it is for a stage or the whole component.</param>
/// <param name="Instance">In which member a command runs, or about which member the others are told.</param>
public sealed record ActionAct(string Step, string Component, string? Shard, string? Instance, ActionSpec Spec) : Act(Step, Component)
{
    /// <summary>pause, continue or rollback.</summary>
    public string OnFailure { get; init; } = "pause";
    /// <summary>When it is run, for those who are told: BeforeStage, AfterInstance …</summary>
    public string Point { get; init; } = "";
    public string Stage { get; init; } = "";
    /// <summary>What it prints when all is well; a preview assumes that it does.</summary>
    public string Expects { get; init; } = "";
    /// <summary>The very Pod it is about, where that matters: its successor of the same name is another one.</summary>
    public string? Uid { get; init; }
    /// <summary>The analysis of the stage that it measures for; empty for others.</summary>
    public string Analysis { get; init; } = "";
    /// <summary>It gives something back: an abort does not stop it.</summary>
    public bool GivesBack { get; init; }
}
