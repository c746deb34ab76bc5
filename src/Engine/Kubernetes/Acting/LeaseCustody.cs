using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>
/// One Rollcall per cluster: the Lease <c>rollcall-&lt;cluster&gt;</c> in the cluster's namespace. Whether a foreign holder is dead is judged by our own clock alone: its
/// Lease must have stood unrenewed before our eyes for as long as it lasts. The client library's elector is not used: it goes on believing to lead after it stopped.
/// </summary>
public sealed class LeaseCustody(KubernetesConnection connection, TimeProvider time) : ICustody
{
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    private const int Attempts = 3;

    private readonly ConcurrentDictionary<ClusterKey, (string Version, long Since)> _seen = new();

    public async Task<ActResult> AcquireAsync(ClusterKey cluster, string owner, string runId, CancellationToken ct)
    {
        var path = KubeKind.Leases.Object(cluster.Namespace, Name(cluster));
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var read = await connection.GetAsync(path, ct).ConfigureAwait(false);
            if (!read.Ok && !read.NotFound)
                return Unread(read, cluster, "get");
            var lease = read.NotFound ? null : read.Object;
            if (lease is not null && InTheWay(cluster, lease, owner) is { } other)
                return other;
            var body = Make(cluster, owner, runId, lease).ToJsonString();
            var answer = lease is null
                ? await connection.PostAsync(KubeKind.Leases.Collection(cluster.Namespace), body, ct).ConfigureAwait(false)
                : await connection.PutAsync(path, body, ct).ConfigureAwait(false);
            if (answer.Ok)
                return ActResult.Accepted($"{cluster} is ours.");
            // Somebody was quicker, or it vanished in between: look again who.
            if (!answer.Conflict && !answer.NotFound)
                return Unread(answer, cluster, lease is null ? "create" : "update");
        }
        return ActResult.NotNow($"The Lease {Name(cluster)} is being written by somebody else all the time.");
    }

    public async Task ReleaseAsync(ClusterKey cluster, string owner, CancellationToken ct)
    {
        var path = KubeKind.Leases.Object(cluster.Namespace, Name(cluster));
        var read = await connection.GetAsync(path, ct).ConfigureAwait(false);
        if (read.Ok && KubeObject.Text(read.Object.Spec, "holderIdentity") == owner)
            // Whoever renewed or took it meanwhile keeps it; and a Lease that cannot be deleted now ends by itself.
            await connection.DeleteAsync(path, new { apiVersion = "v1", kind = "DeleteOptions", preconditions = new { uid = read.Object.Uid, resourceVersion = read.Object.ResourceVersion } }, ct).ConfigureAwait(false);
    }

    public static string Name(ClusterKey cluster) => $"rollcall-{cluster.Name}";

    /// <summary>Null when the Lease may be taken or renewed.</summary>
    private ActResult? InTheWay(ClusterKey cluster, KubeObject lease, string owner)
    {
        var holder = KubeObject.Text(lease.Spec, "holderIdentity");
        if (holder.Length == 0 || holder == owner)
        {
            _seen.TryRemove(cluster, out _);
            return null;
        }
        var now = time.GetTimestamp();
        var seen = _seen.AddOrUpdate(cluster, _ => (lease.ResourceVersion, now), (_, had) => had.Version == lease.ResourceVersion ? had : (lease.ResourceVersion, now));
        var lasts = TimeSpan.FromSeconds(KubeObject.Number(lease.Spec, "leaseDurationSeconds") ?? (long)Duration.TotalSeconds);
        var unrenewed = time.GetElapsedTime(seen.Since, now);
        if (unrenewed >= lasts)
            return null;
        var renewed = KubeObject.Text(lease.Spec, "renewTime");
        // The holder's own clock says that it is late: wait for ours to agree instead of calling a person.
        if (DateTimeOffset.TryParse(renewed, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at + lasts < time.GetUtcNow())
            return ActResult.NotNow($"{holder} held {cluster} until {at:HH:mm:ss} UTC and does not renew; it is taken over in {(lasts - unrenewed).TotalSeconds:0} s unless it does.", "NoConcurrentOps");
        return new ActResult(ActStatus.Refused, new Reason($"{cluster} is in the hands of {holder} (run {lease.Annotation(Marks.Run) ?? "unknown"}), another Rollcall that is alive.", "NoConcurrentOps")
        {
            Next = "Let it finish, or stop it there.",
            Evidence = [new Evidence($"Lease {Name(cluster)}", $"held by {holder}, renewed {renewed}", "API server", time.GetUtcNow())],
        });
    }

    private JsonObject Make(ClusterKey cluster, string owner, string runId, KubeObject? before)
    {
        var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        var renewal = before is not null && KubeObject.Text(before.Spec, "holderIdentity") == owner;
        var transitions = before is null ? 0 : (KubeObject.Number(before.Spec, "leaseTransitions") ?? 0) + (renewal ? 0 : 1);
        var metadata = new JsonObject { ["name"] = Name(cluster), ["namespace"] = cluster.Namespace, ["annotations"] = new JsonObject { [Marks.Run] = runId } };
        if (before is not null)
            metadata["resourceVersion"] = before.ResourceVersion;
        return new JsonObject
        {
            ["apiVersion"] = KubeKind.Leases.ApiVersion,
            ["kind"] = KubeKind.Leases.Kind,
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["holderIdentity"] = owner,
                ["leaseDurationSeconds"] = (int)Duration.TotalSeconds,
                ["acquireTime"] = renewal ? KubeObject.Text(before!.Spec, "acquireTime") is { Length: > 0 } since ? since : now : now,
                ["renewTime"] = now,
                ["leaseTransitions"] = transitions,
            },
        };
    }

    /// <summary>Not knowing whether it is ours is a reason to wait, not to act; only a missing right needs a person.</summary>
    private static ActResult Unread(ApiAnswer answer, ClusterKey cluster, string verb) => answer.Forbidden
        ? Answers.Forbidden($"take custody of {cluster}", verb, KubeKind.Leases.Resource, cluster.Namespace, answer.Message)
        : ActResult.NotNow($"The Lease {Name(cluster)} could not be {(verb == "get" ? "read" : "written")}: {answer.Message.TrimEnd('.')}.");
}
