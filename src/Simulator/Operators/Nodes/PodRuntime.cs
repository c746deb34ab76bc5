using k8s.Models;

namespace Rollcall.Simulator.Operators.Nodes;

internal enum PodStage
{
    New,
    Creating,
    PullFailed,
    Started,
    Ready,
    Crashed,
    Terminating,
    Gone,
}

/// <summary>What the node knows of one Pod (one UID).</summary>
internal sealed class PodRuntime(V1Pod pod, string ip)
{
    public string Uid { get; } = pod.Uid();

    public string Ip => ip;

    public PodStage Stage { get; set; }

    /// <summary>When the present stage is over.</summary>
    public DateTimeOffset Due { get; set; }

    /// <summary>When the stage's end was last asked for, so that other events of the Pod do not start a second alarm.</summary>
    public DateTimeOffset? AlarmAt { get; set; }

    /// <summary>What the API server was last told.</summary>
    public (PodStage Stage, bool BackingOff, int Restarts)? Reported { get; set; }

    public DateTimeOffset SeenAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? ReadyChangedAt { get; set; }

    public int Restarts { get; set; }

    /// <summary>Images of the containers that run, by container.</summary>
    public Dictionary<string, string> Images { get; } = new(StringComparer.Ordinal);

    public string? CrashOutput { get; set; }

    /// <summary>An image was asked for and refused more than once: the waiting reason alternates.</summary>
    public bool BackingOff { get; set; }
}
