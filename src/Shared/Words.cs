using System.Text.Json.Serialization;

namespace Rollcall.Shared;

/// <summary>Where a cluster lives: <c>namespace/name</c>, as everybody writes it.</summary>
public readonly record struct ClusterKey(string Namespace, string Name)
{
    public override string ToString() => $"{Namespace}/{Name}";

    /// <summary>Reads <c>namespace/name</c>; false for anything else.</summary>
    public static bool TryParse(string? text, out ClusterKey key)
    {
        key = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash <= 0 || slash == text!.Length - 1 || text.IndexOf('/', slash + 1) >= 0)
            return false;
        key = new ClusterKey(text[..slash], text[(slash + 1)..]);
        return true;
    }
}

/// <summary>A KubeBlocks <c>Cluster</c>, or a group of StatefulSets held together by labels.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClusterKind>))]
public enum ClusterKind { Cluster, StatefulSetGroup }

/// <summary>A halt is <see cref="Paused"/> with a reason; <see cref="Succeeded"/>, <see cref="Failed"/> and <see cref="Aborted"/> are terminal.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunState>))]
public enum RunState { Pending, Running, Waiting, Paused, Succeeded, Failed, Aborted }

/// <summary>One thing done or waited for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepKind>))]
public enum StepKind { Hold, Retarget, Replace, WaitInSync, Switchover, Soak, Gate, Release, Hook, Backup, Suspend, Resume, Drain, Finalise, Analysis }

[JsonConverter(typeof(JsonStringEnumConverter<StepState>))]
public enum StepState { Pending, Running, Waiting, Succeeded, Failed, Skipped }

/// <summary>L0 before a shard's switchover, L1 after it, L2 after the engine's point of no return.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Reversibility>))]
public enum Reversibility { L0, L1, L2 }

[JsonConverter(typeof(JsonStringEnumConverter<Severity>))]
public enum Severity { Info, Warning, Error }

[JsonConverter(typeof(JsonStringEnumConverter<GateState>))]
public enum GateState { Pending, Open, Approved, Rejected, Bypassed }

/// <summary>What a rule saw when it allowed or refused: the value, who said so, and when.</summary>
public sealed record Evidence(string What, string Value, string Source, DateTimeOffset At)
{
    /// <summary>The rule that looked at it; empty where the step itself did.</summary>
    public string Rule { get; init; } = "";
}

/// <summary>
/// The one sentence that says why something waits or stopped. It comes from the decision itself and reads the same on screen, in the API and in Kubernetes Events.
/// </summary>
/// <param name="Text">A full sentence with the numbers in it.</param>
/// <param name="Rule">Name of the rule that spoke, e.g. <c>ReplicationCaughtUp</c>; empty where no rule but the order itself speaks.</param>
public sealed record Reason(string Text, string Rule = "")
{
    public IReadOnlyList<Evidence> Evidence { get; init; } = [];

    /// <summary>When this turns into a pause for a person, if it does.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>What happens next without anybody, or what a person can do.</summary>
    public string? Next { get; init; }
}
