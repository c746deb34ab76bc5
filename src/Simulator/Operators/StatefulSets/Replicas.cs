using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;

namespace Rollcall.Simulator.Operators.StatefulSets;

/// <summary>A StatefulSet's Pods by ordinal, and what its status says about them.</summary>
internal sealed class Replicas
{
    private readonly V1StatefulSet _set;
    private readonly DateTimeOffset _now;
    private readonly SortedDictionary<int, V1Pod> _pods = [];
    private readonly string _currentRevision;

    public Replicas(V1StatefulSet set, IReadOnlyList<V1Pod> owned, string updateRevision, string currentRevision, DateTimeOffset now)
    {
        (_set, _now, UpdateRevision, _currentRevision) = (set, now, updateRevision, currentRevision);
        foreach (var pod in owned)
        {
            var name = pod.Name();
            if (int.TryParse(name[(name.LastIndexOf('-') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal))
                _pods[ordinal] = pod;
        }
    }

    public string UpdateRevision { get; }

    public int Wanted => _set.Spec.Replicas ?? 1;

    public V1Pod? this[int ordinal] => _pods.GetValueOrDefault(ordinal);

    /// <summary>Pods beyond the wanted number, highest ordinal first.</summary>
    public IEnumerable<V1Pod> Surplus => _pods.Where(p => p.Key >= Wanted).Reverse().Select(p => p.Value);

    /// <summary>Until the next Pod has been ready for the set's minReadySeconds.</summary>
    public TimeSpan? NextAvailable { get; private set; }

    public IReadOnlySet<string> RevisionsInUse =>
        _pods.Values.Select(RevisionOf).Append(UpdateRevision).Append(_currentRevision).ToHashSet(StringComparer.Ordinal);

    public static string RevisionOf(V1Pod pod) =>
        pod.Metadata.Labels is { } labels && labels.TryGetValue(Revisions.HashLabel, out var revision) ? revision : "";

    public static bool IsReady(V1Pod pod) =>
        pod.Status is { Phase: "Running", Conditions: { } conditions } && conditions.Any(c => c is { Type: "Ready", Status: "True" });

    public bool IsAvailable(V1Pod pod)
    {
        if (!IsReady(pod))
            return false;
        var required = TimeSpan.FromSeconds(_set.Spec.MinReadySeconds ?? 0);
        var since = pod.Status.Conditions.First(c => c.Type is "Ready").LastTransitionTime ?? _now.UtcDateTime;
        var missing = since.ToUniversalTime() + required - _now.UtcDateTime;
        if (required == TimeSpan.Zero || missing <= TimeSpan.Zero)
            return true;
        NextAvailable = NextAvailable < missing ? NextAvailable : missing;
        return false;
    }

    /// <summary>
    /// The revision of a Pod that has to be made. While a rolling update is under way, ordinals that it has not reached come back on the
    /// current revision; a partition holds the ones below it there, whatever the strategy; otherwise it is the update revision.
    /// </summary>
    public string RevisionFor(int ordinal)
    {
        var strategy = _set.Spec.UpdateStrategy;
        var held = strategy?.RollingUpdate is { } rolling
            ? ordinal < (rolling.Partition ?? 0)
            : strategy?.Type is not "OnDelete" && ordinal < (_set.Status?.CurrentReplicas ?? 0);
        return held ? _currentRevision : UpdateRevision;
    }

    public JsonObject Status()
    {
        var live = _pods.Values.Where(p => p.Status is not null).ToList();
        var staying = live.Where(p => p.Metadata.DeletionTimestamp is null).ToList();
        var ready = live.Count(IsReady);
        var updated = staying.Count(p => RevisionOf(p) == UpdateRevision);
        var current = _currentRevision;
        var atCurrent = staying.Count(p => RevisionOf(p) == current);
        if (_set.Spec.UpdateStrategy?.Type is not "OnDelete" && updated == Wanted && ready == Wanted && live.Count == Wanted)
            (current, atCurrent) = (UpdateRevision, updated);
        return new JsonObject
        {
            ["observedGeneration"] = _set.Metadata.Generation ?? 1,
            ["replicas"] = live.Count,
            ["readyReplicas"] = ready,
            ["availableReplicas"] = live.Count(IsAvailable),
            ["currentReplicas"] = atCurrent,
            ["updatedReplicas"] = updated,
            ["currentRevision"] = current,
            ["updateRevision"] = UpdateRevision,
            ["collisionCount"] = 0,
        };
    }
}
