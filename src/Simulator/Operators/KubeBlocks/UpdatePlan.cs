using System.Text.Json.Nodes;
using k8s.Models;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>
/// What one pass of the InstanceSet controller updates: a walk in role order (lowest priority first, then the highest ordinal), bounded by
/// the window and by maxUnavailable, that stops at the first instance which is not fit to be left behind. OnDelete: nothing.
/// </summary>
internal static class UpdatePlan
{
    internal readonly record struct Step(V1Pod Pod, bool Recreate);

    public static IReadOnlyList<Step> Next(JsonObject spec, Instances instances)
    {
        var strategy = spec.Child("instanceUpdateStrategy");
        if (spec.Bool("paused") || strategy.Text("type") is "OnDelete")
            return [];
        var ordered = instances.Pods
            .OrderBy(instances.PriorityOf)
            .ThenByDescending(p => p.Name().Length).ThenByDescending(p => p.Name(), StringComparer.Ordinal)
            .ToList();
        var window = Scaled(strategy.Child("rollingUpdate"), "replicas", ordered.Count, ordered.Count);
        var unavailable = ordered.Count(p => !Instances.IsReady(p));
        var quota = Math.Max(1, Scaled(strategy.Child("rollingUpdate"), "maxUnavailable", ordered.Count, 1)) - unavailable;
        if (spec.Text("memberUpdateStrategy") is "Serial" or "")
            quota = Math.Min(quota, 1);
        var recreateImages = spec.Text("podUpgradePolicy") is "ReCreate";

        if (ordered.Take(window).FirstOrDefault(p => p.Status?.Phase is "Pending" && !instances.IsUpToDate(p)) is { } pending)
            return [new(pending, Recreate: true)];
        List<Step> steps = [];
        foreach (var pod in ordered.Take(window))
        {
            if (steps.Count >= quota || !Fit(pod, instances))
                break;
            if (!instances.IsUpToDate(pod))
                steps.Add(new(pod, Recreate: !instances.HasTemplateRevision(pod) || (recreateImages && !instances.HasTemplateImages(pod))));
        }
        return steps;
    }

    private static bool Fit(V1Pod pod, Instances instances) =>
        Instances.IsReady(pod) && Instances.RunsItsImages(pod) && (!instances.HasRoles || Instances.RoleOf(pod).Length > 0);

    private static int Scaled(JsonObject rolling, string field, int total, int absent) => rolling[field] switch
    {
        null => absent,
        JsonValue value when value.TryGetValue<int>(out var number) => number,
        var text when text.ToString().TrimEnd('%') is var digits && int.TryParse(digits, out var percent) => (int)Math.Ceiling(total * percent / 100.0),
        _ => absent,
    };
}
