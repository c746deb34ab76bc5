namespace Rollcall.Simulator.Operators;

/// <summary>Which parts run. Against a real API server its own controllers do what is switched off here.</summary>
public sealed record OperatorOptions
{
    /// <summary>The StatefulSet controller. Off where a real one runs.</summary>
    public bool StatefulSets { get; init; } = true;

    /// <summary>The KubeBlocks operator. Needs its CustomResourceDefinitions.</summary>
    public bool KubeBlocks { get; init; } = true;

    /// <summary>Scheduler and kubelets. The databases live in the containers that this one starts.</summary>
    public bool NodeAgent { get; init; } = true;

    /// <summary>Creates the scenario's objects at start.</summary>
    public bool Seed { get; init; } = true;

    /// <summary>Divides every duration of the scenario. Above 0.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Keys that each controller works on at once.</summary>
    public int Workers { get; init; } = 4;
}
