using System.Collections.Immutable;
using Rollcall.Engine.Documents;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>What a change means for each workload of its component: the version as the driver will write it.</summary>
internal static class VersionTargets
{
    /// <summary>Empty when something is wrong; then <paramref name="errors"/> says what.</summary>
    public static ImmutableArray<WorkloadTarget> Resolve(ChangeSpec change, string pointer, Component component, ClusterKind kind, EngineProfile profile, PlanErrors errors) => kind switch
    {
        ClusterKind.Cluster => ByDefinition(change, pointer, component, errors),
        _ when change.Images.IsEmpty => ByTag(change.ServiceVersion!, pointer, component, profile, errors),
        _ => ByImages(change, pointer, component, profile, errors),
    };

    public static VersionRef Present(Workload workload) => new() { Version = workload.TargetVersion, ComponentDef = workload.ComponentDefinition, Images = workload.Images };

    private static ImmutableArray<WorkloadTarget> ByDefinition(ChangeSpec change, string pointer, Component component, PlanErrors errors)
    {
        var version = change.ServiceVersion!;
        if (!Installed(version, pointer, component, errors))
            return [];
        // KubeBlocks takes a prefix and writes the resolved name back; what it would resolve to is known here, so the plan says the whole name.
        var resolved = component.Definitions.GetValueOrDefault(version) ?? (version == component.Version ? component.Workloads.FirstOrDefault()?.ComponentDefinition : null);
        if (change.ComponentDef is { } wanted && resolved is { Length: > 0 } && !resolved.StartsWith(wanted, StringComparison.Ordinal))
        {
            errors.Add($"{pointer}/componentDef", $"Version {version} of {component.Name} comes with the ComponentDefinition {resolved}, not {wanted}.", resolved);
            return [];
        }
        var to = new VersionRef { Version = version, ComponentDef = resolved is { Length: > 0 } ? resolved : change.ComponentDef ?? "" };
        return [.. component.Workloads.Select(w => new WorkloadTarget(w.Name, Present(w), to))];
    }

    private static ImmutableArray<WorkloadTarget> ByTag(string tag, string pointer, Component component, EngineProfile profile, PlanErrors errors)
    {
        // Without a list of versions any tag may be right; the finding VersionInstalled says that nobody checked.
        if (!component.AvailableVersions.IsEmpty && !Installed(tag, pointer, component, errors))
            return [];
        var targets = ImmutableArray.CreateBuilder<WorkloadTarget>();
        foreach (var workload in component.Workloads)
        {
            if (MainContainer(workload, component.Name, profile) is not { } main)
            {
                errors.Add($"{pointer}/serviceVersion", $"StatefulSet {workload.Name} has several containers ({string.Join(", ", workload.Images.Keys)}) and none is plainly the database; give images instead.", "images");
                return [];
            }
            var image = ImageName.Parse(workload.Images[main]);
            targets.Add(new WorkloadTarget(workload.Name, Present(workload), new VersionRef { Version = tag, Images = workload.Images.SetItem(main, image.Tag == tag ? workload.Images[main] : image.WithTag(tag).ToString()) }));
        }
        return targets.ToImmutable();
    }

    private static ImmutableArray<WorkloadTarget> ByImages(ChangeSpec change, string pointer, Component component, EngineProfile profile, PlanErrors errors)
    {
        var targets = ImmutableArray.CreateBuilder<WorkloadTarget>();
        foreach (var workload in component.Workloads)
        {
            var unknown = change.Images.Keys.Where(c => !workload.Images.ContainsKey(c)).ToList();
            foreach (var container in unknown)
                errors.Add($"{pointer}/images/{container}", $"StatefulSet {workload.Name} has no container {container}.", [.. workload.Images.Keys]);
            if (unknown.Count > 0)
                return [];
            var images = workload.Images.SetItems(change.Images);
            var main = MainContainer(workload, component.Name, profile) ?? change.Images.Keys.First();
            var name = ImageName.Parse(images[main]);
            targets.Add(new WorkloadTarget(workload.Name, Present(workload), new VersionRef { Version = name.Tag.Length > 0 ? name.Tag : name.Digest.Length > 0 ? name.Digest : "latest", Images = images }));
        }
        return targets.ToImmutable();
    }

    private static bool Installed(string version, string pointer, Component component, PlanErrors errors)
    {
        if (version == component.Version || component.AvailableVersions.Contains(version))
            return true;
        errors.Add($"{pointer}/serviceVersion", $"Version {version} of {component.Name} is not installed.", component.AvailableVersions.IsEmpty ? [component.Version] : component.AvailableVersions.AsSpan());
        return false;
    }

    /// <summary>The container whose tag is the workload's version; where several are, the one the profile's probe or the component's name points at.</summary>
    internal static string? MainContainer(Workload workload, string component, EngineProfile profile)
    {
        if (workload.Images.Count == 1)
            return workload.Images.Keys.First();
        var tagged = workload.Images.Where(i => ImageName.Parse(i.Value).Tag == workload.TargetVersion).Select(i => i.Key).ToList();
        if (tagged.Count == 1)
            return tagged[0];
        var candidates = tagged.Count > 0 ? tagged : [.. workload.Images.Keys];
        return (profile.Probe?.Containers ?? []).FirstOrDefault(candidates.Contains) ?? candidates.Find(c => c == component);
    }
}
