using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Rollcall.Engine.Decisions;

/// <summary>One thing a driver may be asked to do. Every act is idempotent by its own preconditions.</summary>
/// <param name="Step">Id of the step it belongs to; DNS-safe.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "act")]
[JsonDerivedType(typeof(HoldAct), "hold")]
[JsonDerivedType(typeof(RetargetAct), "retarget")]
[JsonDerivedType(typeof(ReplaceAct), "replace")]
[JsonDerivedType(typeof(SwitchoverAct), "switchover")]
[JsonDerivedType(typeof(ReleaseAct), "release")]
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
