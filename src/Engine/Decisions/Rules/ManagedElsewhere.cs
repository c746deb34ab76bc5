using Rollcall.Engine.Decisions.Planning;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Argo CD, Flux or Helm would write the old version back in the middle of a run, so the plan is refused until they look away or its author takes it on.</summary>
public static class ManagedElsewhere
{
    public const string Name = "ManagedElsewhere";

    public static Finding? Check(Workload workload, ClusterKind kind, PlanSpec spec)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(spec);
        if (workload.ManagedBy is not { } manager)
            return null;
        var what = $"{workload.Name} is managed by {manager}, which may write its own version and update strategy back during the run.";
        return spec.Acknowledge.Contains(Acknowledgements.ManagedElsewhere)
            ? new Finding(Severity.Warning, Name, $"{what} The plan acknowledges that; afterwards write the new version into its source too.", "/spec/acknowledge")
            : new Finding(Severity.Error, Name, $"{what} {Snippet(manager, workload, kind, spec)} Then write 'acknowledge: [{Acknowledgements.ManagedElsewhere}]'.", "/spec/acknowledge");
    }

    private static string Snippet(string manager, Workload workload, ClusterKind kind, PlanSpec spec)
    {
        var (group, type) = kind == ClusterKind.Cluster ? ("apps.kubeblocks.io", "Cluster") : ("apps", "StatefulSet");
        var name = kind == ClusterKind.Cluster ? spec.Target.Name : workload.Name;
        if (manager.Contains("argo", StringComparison.OrdinalIgnoreCase))
        {
            var paths = kind == ClusterKind.Cluster ? "/spec/componentSpecs, /spec/shardings" : "/spec/template, /spec/updateStrategy";
            return $"Let Argo CD ignore it: in the Application, ignoreDifferences: [{{ group: {group}, kind: {type}, name: {name}, namespace: {spec.Namespace}, jsonPointers: [{paths}] }}] and syncOptions: [RespectIgnoreDifferences=true].";
        }
        if (manager.Contains("flux", StringComparison.OrdinalIgnoreCase) || manager.Contains("kustomize", StringComparison.OrdinalIgnoreCase))
            return $"Suspend Flux for it: kubectl -n {spec.Namespace} annotate {type.ToLowerInvariant()} {name} kustomize.toolkit.fluxcd.io/reconcile=disabled (or: flux suspend kustomization NAME, flux suspend helmrelease NAME).";
        if (manager.Contains("helm", StringComparison.OrdinalIgnoreCase))
            return "Helm does nothing by itself: let nobody run helm upgrade or rollback on the release until the run is over, and put the new version into its values.";
        return $"Suspend {manager} for {type} {spec.Namespace}/{name}.";
    }
}
