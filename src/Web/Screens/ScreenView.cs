using System.Collections.Immutable;
using Rollcall.Shared;
using Rollcall.Web.Components.Controls;
using Rollcall.Web.Model;

namespace Rollcall.Web.Screens;

/// <summary>All that a status screen says besides the graph: a few figures and sentences for each cluster. No name of a person is in it, except where the Reason itself names one.</summary>
public sealed record ScreenView
{
    public required string Title { get; init; }
    /// <summary>Changes with every build; a page of another build loads itself anew.</summary>
    public required string Build { get; init; }
    /// <summary>The server's clock, against which ages are counted.</summary>
    public required DateTimeOffset Now { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public ImmutableArray<ScreenCluster> Clusters { get; init; } = [];
}

public sealed record ScreenCluster
{
    public required string Cluster { get; init; }
    public required string Name { get; init; }
    public string Engine { get; init; } = "";
    /// <summary>False: it is not there now.</summary>
    public required bool Present { get; init; }
    public bool Connected { get; init; }
    public DateTimeOffset? ObservedAt { get; init; }
    /// <summary>ok, moving, wait, bad or idle, and the word that stands beside the sign.</summary>
    public required string Tone { get; init; }
    public required string Word { get; init; }
    public ImmutableArray<ScreenComponent> Components { get; init; } = [];
    public int Shards { get; init; }
    public int Members { get; init; }
    public int Ready { get; init; }
    /// <summary>Why it needs somebody, waits, or what it does; null where all is well.</summary>
    public Reason? Reason { get; init; }
    public ScreenRun? Run { get; init; }
    public ScreenChange? LastChange { get; init; }
    /// <summary>For the graph: how roles are drawn; null while unknown.</summary>
    public ImmutableArray<GraphRole>? Roles { get; init; }
    public GraphLimits? Limits { get; init; }
    /// <summary>Components whose roles are drawn in their own way.</summary>
    public ImmutableDictionary<string, GraphPart>? Parts { get; init; }
}

public sealed record ScreenComponent(string Name, string Version);

public sealed record ScreenRun
{
    public required string Id { get; init; }
    /// <summary>"7.2.4 → 8.0.1".</summary>
    public required string Change { get; init; }
    public required string State { get; init; }
    public required int Updated { get; init; }
    public required int Members { get; init; }
    public required int SwitchoversDone { get; init; }
    public required int SwitchoversPlanned { get; init; }
    public double RemainingSeconds { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public bool Rollback { get; init; }
    public ImmutableArray<ScreenStage> Stages { get; init; } = [];
}

/// <param name="State">done, now, later or skipped.</param>
public sealed record ScreenStage(string Title, string Detail, string State, string Tone);

public sealed record ScreenChange(string Text, string Tone, DateTimeOffset At);
