using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

/// <summary>What a run is about, in one line.</summary>
public static class RunHeading
{
    /// <summary>"orders · Redis Cluster 7.2.4 → 8.0.1".</summary>
    public static string Title(RunView run, string? engine)
    {
        var name = ClusterKey.TryParse(run.Cluster, out var key) ? key.Name : run.Cluster;
        var change = Change(run, named: run.Components.Length > 1);
        return string.IsNullOrEmpty(engine) ? $"{name} · {change}" : $"{name} · {engine} {change}";
    }

    /// <summary>"7.2.4 → 8.0.1", with component names where there are several.</summary>
    public static string Change(RunView run, bool named = false) => run.Components.IsDefaultOrEmpty
        ? run.PlanName
        : string.Join(", ", run.Components.Select(c => named || run.Components.Length > 1 ? $"{c.Name} {c.From} → {c.To}" : $"{c.From} → {c.To}"));

    /// <summary>"5 of 12 updated", and for the way back "12 of 12 on 7.2.4".</summary>
    public static string Progress(RunView run) =>
        $"{run.Totals.Updated} of {run.Totals.Members} {(!run.Backwards ? "updated" : run.Components.Length == 1 ? $"on {run.Components[0].To}" : "on the old versions")}";

    /// <summary>How a state reads on a banner: a wait is amber, a halt and a failure red, a release green.</summary>
    public static string Tone(RunState state) => state switch
    {
        RunState.Paused or RunState.Failed => "bad",
        RunState.Running => "moving",
        RunState.Succeeded => "ok",
        RunState.Aborted => "idle",
        _ => "wait",
    };
}
