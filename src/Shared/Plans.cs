using System.Collections.Immutable;

namespace Rollcall.Shared;

/// <summary>Something a planner rule has to say about a plan. An error makes <c>POST /api/v1/plans</c> refuse it.</summary>
/// <param name="Path">JSON pointer into the specification, or empty.</param>
public sealed record Finding(Severity Severity, string Rule, string Message, string Path = "")
{
    public int? Line { get; init; }
}

/// <summary>What is wrong with a document, in a form that an editor can show beside the line.</summary>
/// <param name="Path">JSON pointer.</param>
/// <param name="Line">1-based line of the YAML, 0 where unknown.</param>
/// <param name="Allowed">What would be allowed there.</param>
public sealed record SpecError(string Path, int Line, string Message, ImmutableArray<string> Allowed);

public sealed record PlanTotals(int Switchovers, int Replacements, double EstimateSeconds);

/// <summary>One predicted step of a plan.</summary>
public sealed record PlanStep
{
    public required string Id { get; init; }
    public required string Stage { get; init; }
    public required StepKind Kind { get; init; }
    public required string Component { get; init; }
    public string? Shard { get; init; }
    public string? Instance { get; init; }
    public string? Role { get; init; }
    /// <summary>For a switchover: the predicted new leader.</summary>
    public string? To { get; init; }
    /// <summary>The choice among followers follows live lag; only the kind of step is fixed.</summary>
    public bool Live { get; init; }
    public required Reversibility Reversibility { get; init; }
    public required double EstimateSeconds { get; init; }
    /// <summary>Seconds after the run's start at which it begins, gates answered at once.</summary>
    public double StartSeconds { get; init; }
    /// <summary>What it does, one sentence.</summary>
    public required string Title { get; init; }
    /// <summary>Names of the rules it relies on.</summary>
    public ImmutableArray<string> Rules { get; init; } = [];
}

public sealed record PlanStageView
{
    public required string Name { get; init; }
    public required string Component { get; init; }
    public ImmutableArray<string> Shards { get; init; } = [];
    public GateSpec? Gate { get; init; }
    public double SoakSeconds { get; init; }
    /// <summary>Everyone, followers only, or the leader only.</summary>
    public string Roles { get; init; } = "all";
    /// <summary>Everything that is run at this stage's points, verbatim: the profile's, the plan's and its own.</summary>
    public ImmutableArray<HookSpec> Hooks { get; init; } = [];
    /// <summary>Metrics that must stay within their limits, verbatim.</summary>
    public ImmutableArray<AnalysisSpec> Analyses { get; init; } = [];
}

public sealed record PlanComponentView(string Name, string From, string To)
{
    /// <summary>What is written into the cluster, old and new: serviceVersion, componentDef, image by container.</summary>
    public ImmutableArray<PlannedWrite> Writes { get; init; } = [];
}

/// <param name="What"><c>serviceVersion</c>, <c>componentDef</c>, or <c>image</c> and the container's name.</param>
/// <param name="Workloads">The objects in which it is written, by name.</param>
public sealed record PlannedWrite(string What, string From, string To, ImmutableArray<string> Workloads);

public sealed record PlanView
{
    /// <summary>Empty for a preview that is not stored.</summary>
    public required string Id { get; init; }
    public required string Hash { get; init; }
    public required string Cluster { get; init; }
    public required string Name { get; init; }
    public ImmutableArray<PlanComponentView> Components { get; init; } = [];
    public ImmutableArray<PlanStageView> Stages { get; init; } = [];
    public ImmutableArray<PlanStep> Steps { get; init; } = [];
    public ImmutableArray<Finding> Findings { get; init; } = [];
    public required PlanTotals Totals { get; init; }
    /// <summary>What the estimates rest on: "from 4 earlier runs of this cluster", or the profile's figures.</summary>
    public string EstimatedFrom { get; init; } = "";
    /// <summary>How many members and leaders may be missing while it runs, in sentences: "3 voters, 2 must stay, 1 may be missing".</summary>
    public ImmutableArray<string> Quorum { get; init; } = [];
    public required string Spec { get; init; }
    public required string Profile { get; init; }
    public string? RollbackOf { get; init; }
    /// <summary>What a rollback would mean at each level, in words.</summary>
    public ImmutableArray<string> RollbackNotes { get; init; } = [];
    /// <summary>For a preview of a rollback: what a person wants to know before they confirm it.</summary>
    public WayBack? WayBack { get; init; }
    public string? CreatedBy { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public bool Blocked => Findings.Any(f => f.Severity == Severity.Error);
}

/// <param name="Now">Who leads now; null while unknown.</param>
/// <param name="After">Who is predicted to lead at the end.</param>
public sealed record LeaderChange(string Component, string Shard, string? Now, string? After, int Switchovers);

public sealed record WayBack
{
    public ImmutableArray<LeaderChange> Leaders { get; init; } = [];
    /// <summary>What stays as it is although the run is taken back, in sentences.</summary>
    public ImmutableArray<string> CannotUndo { get; init; } = [];
    /// <summary>The longest switchover by the profile's estimate: how long one shard takes no writes. Zero without switchovers.</summary>
    public double PauseSeconds { get; init; }
    /// <summary>When the last backup was made that Rollcall knows of; null when it knows of none.</summary>
    public DateTimeOffset? BackupAt { get; init; }
    /// <summary>"component/shard" of those that may go back alone.</summary>
    public ImmutableArray<string> Alone { get; init; } = [];
}
