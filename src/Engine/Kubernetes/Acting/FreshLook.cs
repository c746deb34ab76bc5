using System.Collections.Immutable;
using System.Text.Json;
using k8s;
using k8s.Models;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>Reading past the caches, right before something is taken away.</summary>
internal static class FreshLook
{
    /// <summary>All Pods with these labels, straight from the store (no resourceVersion: the most recent).</summary>
    public static async Task<IReadOnlyList<V1Pod>> PodsAsync(KubernetesConnection connection, string ns, IEnumerable<KeyValuePair<string, string>>? labels, CancellationToken ct)
    {
        var selector = string.Join(",", (labels ?? []).Select(l => $"{l.Key}={l.Value}"));
        var read = await connection.GetAsync($"{KubeKind.Pods.Collection(ns)}?labelSelector={Uri.EscapeDataString(selector)}", ct).ConfigureAwait(false);
        return [.. KubeObject.Items(Body(read, $"the Pods of {ns} with {selector}"), "items").Select(p => KubernetesJson.Deserialize<V1Pod>(p))];
    }

    public static JsonElement Body(ApiAnswer answer, string what) =>
        answer.Ok ? answer.Body : throw new IOException($"{what} could not be read: {(answer.Unknown ? answer.Message : $"{(int)answer.Code} {answer.Message}")}");

    /// <summary>The API server knows nothing of engines: their answers about the same Pods stay, and so do zones.</summary>
    public static ImmutableArray<Instance> WithWhatEnginesSaid(IEnumerable<Instance> fresh, ImmutableArray<Instance> known)
    {
        return [.. fresh.Select(f => known.FirstOrDefault(k => k.Name == f.Name && k.Uid == f.Uid) is { } k ? Keep(f, k) : f)];

        static Instance Keep(Instance fresh, Instance known)
        {
            var sameLabel = fresh.LabelRole == known.LabelRole;
            var probed = known.RoleSource == "probe";
            return fresh with
            {
                Probe = known.Probe,
                Zone = known.Zone,
                Role = probed ? known.Role : fresh.LabelRole,
                RoleSource = probed ? "probe" : fresh.LabelRole is null ? "" : "label",
                RoleSeenAt = probed || sameLabel ? known.RoleSeenAt : null,
                // Since when a new label holds nobody has seen yet; without a beginning it confirms nothing.
                LabelRoleSince = sameLabel ? known.LabelRoleSince : null,
                LagBytes = known.LagBytes, LagSeconds = known.LagSeconds, LagSource = known.LagSource, LagTrack = known.LagTrack,
            };
        }
    }
}
