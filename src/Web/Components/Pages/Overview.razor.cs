using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Topology;
using Rollcall.Web.Configuration;
using Rollcall.Web.Hosting;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Pages;

/// <summary>All clusters, what needs a person first.</summary>
public sealed partial class Overview
{
    private ImmutableArray<OverviewLine> _lines = [];
    private (DateTimeOffset At, bool Connected)? _heard;

    [Inject] public required ClusterCatalog Catalog { get; init; }
    [Inject] public required Rollouts Rollouts { get; init; }
    [Inject] public required ProfileLibrary Profiles { get; init; }
    [Inject] public required DashboardOptions Options { get; init; }

    protected override Func<CancellationToken, Task> Mark() => Cursor.Over(Catalog, Rollouts);

    protected override bool Refresh()
    {
        _lines = [.. OverviewModel.Build(Rollouts.Clusters(), Rollouts.Runs()).Select(WithRoll)];
        var seen = Catalog.Stores.Select(s => s.Current).ToArray();
        _heard = seen.Length == 0 ? null : (seen.Max(t => t.ObservedAt), seen.Any(t => t.Connected));
        return true;
    }

    private OverviewLine WithRoll(OverviewLine line)
    {
        if (Catalog.Find(new(line.Cluster.Namespace, line.Cluster.Name))?.Current is not { } topology)
            return line;
        var profile = Profiles.Find(topology.Profile);
        return line with { Engine = profile?.Title ?? topology.Profile, Roll = OverviewModel.Roll(topology, (component, role) => profile?.For(component).Role(role)?.Leads == true) };
    }

    private bool IsDemo => ClusterSource.IsDemo(Options.Cluster);
    private static bool Quiet(OverviewLine line) => line.Rank == 9;
    private static bool Moving(OverviewLine line) => !Quiet(line) && !OverviewModel.NeedsAttention(line);
    private static string Count(int count, string word) => $"{count:N0} {word}{(count == 1 ? "" : "s")}";
}
