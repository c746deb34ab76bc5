using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>
/// Resolves a specification against a cluster as it is now: versions per workload, stages to shard names, components in order, the baseline and the hash. What the cluster does not allow is an error
/// with pointer, line and what is allowed. Steps and totals are the preview's work.
/// </summary>
public static class PlanBuilder
{
    /// <param name="spec">What <see cref="PlanSpecReader"/> read from <paramref name="text"/>.</param>
    /// <param name="text">For the lines of errors and findings; kept in the plan.</param>
    /// <param name="owner">This Rollcall's own name, to tell its holds from others'.</param>
    /// <param name="unmeasurable">Why an analysis cannot be measured here; null: nothing is known against it.</param>
    public static Result<Plan> Build(PlanSpec spec, string text, TopologySnapshot cluster, EngineProfile profile, string planId, string createdBy, DateTimeOffset now, string? owner = null, Func<AnalysisSpec, string?>? unmeasurable = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(profile);
        var errors = new PlanErrors(text);
        if (spec.Target.Kind != cluster.Kind)
        {
            errors.Add("/spec/target/kind", $"{cluster.Cluster} is a {cluster.Kind}, not a {spec.Target.Kind}.", cluster.Kind.ToString());
            return errors.ToRefusal();
        }
        CheckStageNames(spec, cluster, errors);
        StageHooks.Check(spec, cluster, profile, errors);
        if (spec.Safety.Backup is not null && cluster.Kind != ClusterKind.Cluster)
            errors.Add("/spec/safety/backup", "Only KubeBlocks says when a cluster was last backed up, and takes backups; these are StatefulSets.", "leave it out; a hook at BeforeStage can run a backup");
        var components = ImmutableArray.CreateBuilder<PlannedComponent>();
        var untouched = new List<string>();
        for (var i = 0; i < spec.Changes.Length; i++)
        {
            if (Component(spec, i, cluster, profile, errors) is not { } component)
                continue;
            if (NoOpSuppression.NothingToDo(component, cluster.Components.First(c => c.Name == component.Name)))
                untouched.Add(component.Name);
            else
                components.Add(component);
        }
        if (!errors.Any && components.Count == 0)
            errors.Add("/spec/changes", $"There is nothing to do: every member of {string.Join(", ", untouched)} already runs the wanted version.", Others(cluster, untouched));
        if (errors.Any)
            return errors.ToRefusal();

        var ordered = WithFinaliser(spec, profile, ComponentOrder.Sort(profile, components.ToImmutable()));
        var plan = new Plan
        {
            Id = planId,
            Hash = PlanHash.Of(spec, profile.Text, ordered),
            Spec = spec,
            SpecText = text,
            Kind = cluster.Kind,
            Profile = profile,
            Components = ordered,
            CreatedBy = createdBy,
            CreatedAt = now,
        };
        return plan with { Findings = [.. PlanFindings.Collect(plan, cluster, owner, unmeasurable), .. untouched.Select(name => NoOpSuppression.LeftOut(name, cluster.Components.First(c => c.Name == name).Version))] };
    }

    /// <summary>The point of no return comes last: a stage without shards behind those of the last component.</summary>
    private static ImmutableArray<PlannedComponent> WithFinaliser(PlanSpec spec, EngineProfile profile, ImmutableArray<PlannedComponent> ordered)
    {
        if (spec.Finalise is not { } finalise || profile.Finaliser is not { Explicit: true } finaliser)
            return ordered;
        var stage = new PlannedStage { Name = Finaliser.Stage, Shards = [], Finalises = true, Soak = finalise.Soak ?? finaliser.Soak, Gate = finalise.Gate ?? new GateSpec() };
        return ordered.SetItem(ordered.Length - 1, ordered[^1] with { Stages = ordered[^1].Stages.Add(stage) });
    }

    private static PlannedComponent? Component(PlanSpec spec, int index, TopologySnapshot cluster, EngineProfile profile, PlanErrors errors)
    {
        var (change, pointer) = (spec.Changes[index], $"/spec/changes/{index}");
        if (cluster.Components.FirstOrDefault(c => c.Name == change.Component) is not { } component)
        {
            errors.Add($"{pointer}/component", $"{cluster.Cluster} has no component {change.Component}.", [.. cluster.Components.Select(c => c.Name)]);
            return null;
        }
        if (component.Workloads.IsEmpty || component.Shards.IsEmpty)
        {
            errors.Add($"{pointer}/component", $"Nothing of component {component.Name} is in sight yet, so there is nothing to plan with.");
            return null;
        }
        var rolled = profile.For(component.Name);
        var targets = Origins.Of(component, VersionTargets.Resolve(change, pointer, component, cluster.Kind, rolled, errors));
        var shared = spec.Stages is null || spec.Changes.Length > 1;
        var stages = new StageResolver(component.Name, component.Shards.Select(s => s.Name), rolled, shared, errors)
            .Resolve(spec.Stages ?? rolled.Stages, i => spec.Stages is null ? "/spec" : i < 0 ? "/spec/stages" : $"/spec/stages/{i}");
        if (targets.IsEmpty)
            return null;
        return new PlannedComponent
        {
            Name = component.Name,
            From = component.Version == targets[0].To.Version ? targets[0].From : targets[0].From with { Version = component.Version },
            To = targets[0].To,
            Targets = targets,
            Shards = [.. component.Shards.OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => new ShardBaseline(s.Name, [.. s.Instances.Select(m => m.Name).Order(StringComparer.Ordinal)]))],
            Stages = [.. stages.Select(s => s with { Hooks = StageHooks.Of(s, spec, profile) })],
        };
    }

    /// <summary>Components and shards that stages name must be those of some changed component; which, no single component can tell.</summary>
    private static void CheckStageNames(PlanSpec spec, TopologySnapshot cluster, PlanErrors errors)
    {
        var changed = spec.Changes.Select(c => c.Component).ToImmutableArray();
        var shards = cluster.Components.Where(c => changed.Contains(c.Name)).SelectMany(c => c.Shards).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var stages = spec.Stages ?? [];
        for (var i = 0; i < stages.Length; i++)
        {
            if (stages[i].Component is { } component && !changed.Contains(component))
                errors.Add($"/spec/stages/{i}/component", $"Stage '{stages[i].Name}' is for component {component}, which no change names.", changed.AsSpan());
            else if (stages[i].Component is null && changed.Length > 1 && stages[i].Shards.Names.RemoveAll(shards.Contains) is { IsEmpty: false } unknown)
                errors.Add($"/spec/stages/{i}/shards/names", $"No changed component has a shard {string.Join(", ", unknown)}.", [.. shards.Order(StringComparer.Ordinal)]);
        }
    }

    private static string[] Others(TopologySnapshot cluster, List<string> components) => [.. cluster.Components.Where(c => components.Contains(c.Name)).SelectMany(c => c.AvailableVersions).Distinct(StringComparer.Ordinal)];
}
