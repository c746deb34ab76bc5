using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Documents;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>What the planner's rules have to say about a plan: errors first. An error blocks it; warnings and notes are shown at every gate.</summary>
public static class PlanFindings
{
    /// <param name="owner">This Rollcall's own name, to tell its holds from others'; null where nobody knows it.</param>
    /// <param name="unmeasurable">Why an analysis cannot be measured here; null: nothing is known against it.</param>
    public static ImmutableArray<Finding> Collect(Plan plan, TopologySnapshot cluster, string? owner = null, Func<AnalysisSpec, string?>? unmeasurable = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(cluster);
        var lines = new Lazy<LineIndex>(() => LineIndex.Of(plan.SpecText));
        return
        [
            .. All(plan, cluster, owner).Concat(Analyses(plan, unmeasurable)).OfType<Finding>()
                .Select(f => lines.Value.Find(f.Path) is var line and > 0 ? f with { Line = line } : f)
                .OrderByDescending(f => f.Severity),
        ];
    }

    /// <summary>What nobody can measure would stop the run in the middle, so it is said before.</summary>
    private static IEnumerable<Finding> Analyses(Plan plan, Func<AnalysisSpec, string?>? unmeasurable)
    {
        var written = plan.Spec.Stages ?? [];
        foreach (var stage in plan.Components.SelectMany(c => c.Stages).DistinctBy(s => s.Name))
            for (var i = 0; i < stage.Analyses.Length; i++)
                if (unmeasurable?.Invoke(stage.Analyses[i]) is { } why)
                    yield return new Finding(Severity.Error, AnalysisSettling.Rule, $"Analysis {stage.Analyses[i].Name} of stage {stage.Name} cannot be measured, so the run would stop there. {why}",
                        written.ToList().FindIndex(s => s.Name == stage.Name) is var at and >= 0 ? $"/spec/stages/{at}/analysis/{i}" : "");
    }

    private static IEnumerable<Finding?> All(Plan plan, TopologySnapshot cluster, string? owner)
    {
        var spec = plan.Spec;
        yield return ComponentOrder.Check(plan);
        foreach (var mover in SuspendMovers.Findings(plan.Profile, cluster))
            yield return mover;
        foreach (var final in FinalizeGate.Findings(plan))
            yield return final;
        foreach (var implicitly in ImplicitFinalizeGuard.Findings(plan))
            yield return implicitly;
        yield return LagSource.Unit(spec.Safety, [.. plan.Components.Select(c => plan.Profile.For(c.Name))]);
        if (plan.Kind == ClusterKind.StatefulSetGroup) // KubeBlocks has its own switchover
            foreach (var forced in plan.Components.Select(c => plan.Profile.For(c.Name)).Distinct().Where(p => p.HasLeader))
                yield return NoForcedHandover.Check(forced, spec);
        foreach (var component in plan.Components)
        {
            var path = ChangePath(spec, component.Name);
            var profile = plan.Profile.For(component.Name);
            yield return VersionStep.Check(component, profile.Versions, path);
            var format = FormatCompatible.Check(component, profile, path);
            yield return format;
            if (format is not { Severity: Severity.Error })
                yield return FormatCompatible.AfterSwitchover(component, profile, path);
            yield return SkewDirection.Check(component, profile, path);
            yield return SingletonAcknowledged.Check(component, profile, spec);
            yield return SmallCluster.Check(component, profile, spec);
            yield return SwitchoverAvailable.Check(component, plan.Kind, profile, path);
            yield return CanaryFirst.Check(component);
            yield return MaxShardsPartlyUpdated.Check(component, plan);
            yield return ConfigDirection.Check(component, path);
            if (cluster.Components.FirstOrDefault(c => c.Name == component.Name) is not { } live)
                continue;
            yield return VersionStep.Mixed(component, live, path);
            yield return VersionInstalled.Check(component, live, path);
            yield return OneKindOfChange.Check(component, live, spec, path);
            yield return NoOpSuppression.Check(component, live, path);
            yield return LagSource.Check(component, live, profile, path);
            yield return DataCopyHeadroom.Exempt(component, live, profile, path);
            foreach (var finding in Once(live.Workloads.SelectMany(w => Of(w, component, plan, owner, path).OfType<Finding>().Select(f => (w.Name, f)))))
                yield return finding;
        }
    }

    /// <summary>What is true of many workloads is said once: nobody reads the same sentence for each of a thousand shards.</summary>
    private static IEnumerable<Finding> Once(IEnumerable<(string Workload, Finding Finding)> findings) =>
        findings.GroupBy(f => (f.Finding.Rule, f.Finding.Severity, f.Finding.Message.Replace(f.Workload, "", StringComparison.Ordinal)))
            .Select(g => g.First().Finding is var first && g.Skip(1).Select(f => f.Workload).ToList() is { Count: > 0 } others
                ? first with { Message = $"{first.Message} The same for {RuleText.Names(others, "object", "objects")}." }
                : g.First().Finding);

    private static IEnumerable<Finding?> Of(Workload workload, PlannedComponent component, Plan plan, string? owner, string path)
    {
        foreach (var blocker in WorkloadBlockers.Check(workload, path))
            yield return blocker;
        yield return WorkloadBlockers.Held(workload, owner, path);
        yield return ManagedElsewhere.Check(workload, plan.Kind, plan.Spec);
        yield return SharedTemplateExposure.Check(component, workload, path);
        yield return GraceCoversHandover.Check(workload, plan.Profile.For(component.Name), path);
    }

    /// <summary>Where the change of a component stands in the specification.</summary>
    internal static string ChangePath(PlanSpec spec, string component)
    {
        for (var i = 0; i < spec.Changes.Length; i++)
            if (spec.Changes[i].Component == component)
                return $"/spec/changes/{i}";
        return "/spec/changes";
    }
}
