using Rollcall.Engine.Decisions.Planning;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 36. One kind of change at a time: when a version goes wrong, nothing else may be to blame. A plan can only name versions; but a StatefulSet's template may hold a change of another kind (parameters,
/// resources) that its Pods have not taken yet, and it would come along with the first member that is replaced.
/// </summary>
public static class OneKindOfChange
{
    public const string Name = "OneKindOfChange";
    public const string OnlyVersions = "Only versions and images are rolled, one kind of change at a time.";

    public static Finding? Check(PlannedComponent component, Component live, PlanSpec spec, string path)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(spec);
        var behind = live.Shards.SelectMany(s => s.Instances).Where(i => Waits(i, component, live)).Select(i => i.Name).ToList();
        if (behind.Count == 0)
            return null;
        var what = $"{component.Name}: {RuleText.Names(behind, "member", "members")} {(behind.Count == 1 ? "runs" : "run")} the images of {(behind.Count == 1 ? "its" : "their")} template but not its present revision: a change of another kind (parameters, resources) waits there and would come along with the new version.";
        return spec.Acknowledge.Contains(Acknowledgements.OtherChanges)
            ? new Finding(Severity.Warning, Name, $"{what} The plan acknowledges that.", "/spec/acknowledge")
            : new Finding(Severity.Error, Name, $"{what} Roll that change first, or write 'acknowledge: [{Acknowledgements.OtherChanges}]' to take both at once.", path);
    }

    /// <summary>The Pod has the template's images, its StatefulSet has a newer revision, and this plan brings other images.</summary>
    private static bool Waits(Instance i, PlannedComponent component, Component live)
    {
        if (i.Updated || i.Uid.Length == 0 || i.Revision.Length == 0)
            return false; // KubeBlocks' revisions say nothing here
        var workload = live.Workloads.FirstOrDefault(w => w.Name == i.Workload);
        var target = component.Targets.FirstOrDefault(t => t.Workload == i.Workload);
        return workload is not null && target is not null && !workload.Images.IsEmpty && workload.Images.All(w => i.Images.TryGetValue(w.Key, out var has) && has == w.Value)
            && !target.To.Images.All(w => workload.Images.TryGetValue(w.Key, out var has) && has == w.Value);
    }
}
