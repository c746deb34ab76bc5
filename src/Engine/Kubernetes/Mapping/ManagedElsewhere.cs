namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>Whether somebody else writes an object back to what a repository says: they would undo a Hold within minutes.</summary>
public static class ManagedElsewhere
{
    /// <summary>A name to show, or null. Labels first, since they name the application; managedFields catch what carries none.</summary>
    public static string? Detect(Func<string, string?> label, Func<string, string?> annotation, IEnumerable<string> fieldManagers)
    {
        if ((annotation("argocd.argoproj.io/tracking-id") ?? label("argocd.argoproj.io/instance")) is { Length: > 0 } argo)
            return $"Argo CD ({argo.Split(':')[0]})";
        if (label("kustomize.toolkit.fluxcd.io/name") is { Length: > 0 } kustomization)
            return $"Flux (Kustomization {kustomization})";
        if (label("helm.toolkit.fluxcd.io/name") is { Length: > 0 } flux)
            return $"Flux (HelmRelease {flux})";
        if (annotation("meta.helm.sh/release-name") is { Length: > 0 } release)
            return $"Helm ({release})";
        foreach (var manager in fieldManagers)
            switch (manager)
            {
                case "argocd-controller" or "argocd-application-controller":
                    return "Argo CD";
                case "kustomize-controller" or "helm-controller":
                    return "Flux";
                case "helm":
                    return "Helm";
            }
        return null;
    }
}
