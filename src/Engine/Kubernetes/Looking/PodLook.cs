using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Looking;

/// <summary>One line of what Kubernetes noted about a Pod.</summary>
/// <param name="Type">Normal or Warning.</param>
/// <param name="From">The component that noted it: kubelet, statefulset-controller …</param>
/// <param name="Count">How often, 1 or more.</param>
public sealed record PodEvent(string Type, string Reason, string Message, string From, int Count, DateTimeOffset? First, DateTimeOffset? Last);

/// <param name="Total">How many there are; more than are listed where the list was cut.</param>
public sealed record PodEvents(string Uid, ImmutableArray<PodEvent> Events, int Total, DateTimeOffset At);

/// <param name="Status">True, False or Unknown.</param>
public sealed record PodCondition(string Type, string Status, string Reason, string Message, DateTimeOffset? Since);

/// <param name="State">running, waiting or terminated, with its reason.</param>
public sealed record PodContainer(string Name, string Image, bool Init, bool Ready, int Restarts, string State, string Message, DateTimeOffset? Since, string? LastEnd);

/// <summary>A Pod as the API server holds it: what it says of itself, and the whole as YAML without what nobody reads and without what nobody should.</summary>
/// <param name="Masked">How many values were hidden because they look like secrets.</param>
/// <param name="Cut">The YAML was longer than is shown.</param>
public sealed record PodObject(string Uid, ImmutableArray<PodCondition> Conditions, ImmutableArray<PodContainer> Containers, string Yaml, int Masked, bool Cut, DateTimeOffset At);

/// <summary>
/// Reads a member's Pod and its Events when somebody asks, straight from the API server. Only members of clusters in sight can be read, so that a viewer's reach is what the screens show anyway.
/// Sizes are bounded; a 403 is an answer that says which right is missing.
/// </summary>
public sealed class PodLook(KubernetesConnection connection, ClusterCatalog catalog, TimeProvider time)
{
    /// <summary>Events asked for and listed at most, newest first; a Pod with more is in deep trouble and its newest say so.</summary>
    public const int MostEvents = 60, MostAsked = 500;

    /// <summary>Characters of one message, and of the YAML.</summary>
    public const int MostMessage = 1024, MostYaml = 200_000;

    public async Task<Result<PodEvents>> EventsAsync(ClusterKey cluster, InstanceRef member, CancellationToken ct)
    {
        if (Member(cluster, member) is not { Ok: true } found)
            return Member(cluster, member).Refusal!;
        var instance = found.Value;
        var selector = Uri.EscapeDataString($"involvedObject.kind=Pod,involvedObject.name={instance.Name}{(instance.Uid.Length > 0 ? $",involvedObject.uid={instance.Uid}" : "")}");
        var answer = await connection.GetAsync($"{KubeKind.Events.Collection(cluster.Namespace)}?fieldSelector={selector}&limit={MostAsked.ToString(CultureInfo.InvariantCulture)}", ct).ConfigureAwait(false);
        if (!answer.Ok)
            return Refused(answer, "Events", cluster.Namespace, "events", "list");
        var all = KubeObject.Items(answer.Body, "items").Select(EventOf).OrderByDescending(e => e.Last ?? e.First ?? DateTimeOffset.MinValue).ToList();
        var left = KubeObject.Number(answer.Body, "metadata", "remainingItemCount") ?? 0;
        return new PodEvents(instance.Uid, [.. all.Take(MostEvents)], all.Count + (int)Math.Min(left, 1_000_000), time.GetUtcNow());
    }

    public async Task<Result<PodObject>> ObjectAsync(ClusterKey cluster, InstanceRef member, CancellationToken ct)
    {
        if (Member(cluster, member) is not { Ok: true } found)
            return Member(cluster, member).Refusal!;
        var answer = await connection.GetAsync(KubeKind.Pods.Object(cluster.Namespace, found.Value.Name), ct).ConfigureAwait(false);
        if (answer.NotFound)
            return new Refusal(RefusalKind.NotFound, $"The Pod {found.Value.Name} does not exist now; it may be between two lives.");
        if (!answer.Ok)
            return Refused(answer, $"the Pod {found.Value.Name}", cluster.Namespace, "pods", "get");
        var shown = PodText.Of(answer.Body);
        var cut = shown.Yaml.Length > MostYaml;
        return new PodObject(answer.Object.Uid, Conditions(answer.Body), Containers(answer.Body), cut ? shown.Yaml[..shown.Yaml.LastIndexOf('\n', MostYaml)] : shown.Yaml, shown.Masked, cut, time.GetUtcNow());
    }

    private Result<Instance> Member(ClusterKey cluster, InstanceRef member)
    {
        ArgumentNullException.ThrowIfNull(member);
        var shard = catalog.Find(cluster)?.Current.Components.FirstOrDefault(c => c.Name == member.Component)?.Shards.FirstOrDefault(s => s.Name == member.Shard);
        return shard?.Instances.FirstOrDefault(i => i.Name == member.Name) is { } instance
            ? instance
            : new Refusal(RefusalKind.NotFound, $"{cluster} has no member {member.Component}/{member.Shard}/{member.Name} now.");
    }

    private static Refusal Refused(ApiAnswer answer, string what, string ns, string resource, string verb) => answer switch
    {
        { Forbidden: true } => new Refusal(RefusalKind.Forbidden, $"Rollcall may not read {what} in namespace {ns}: the API server answered 403. Grant \"{verb}\" on \"{resource}\" to its service account (deploy/rbac.yaml has the rule)."),
        { NotFound: true } => new Refusal(RefusalKind.NotFound, $"This API server knows no {what} in namespace {ns}."),
        { Unknown: true } => new Refusal(RefusalKind.Unavailable, $"The API server did not answer: {answer.Message}"),
        _ => new Refusal(RefusalKind.Unavailable, $"The API server answered {(int)answer.Code}: {answer.Message}"),
    };

    private static PodEvent EventOf(JsonElement e)
    {
        // Two shapes of one kind: the old one counts itself, the new one has a series.
        var last = When(e, "series", "lastObservedTime") ?? When(e, "lastTimestamp") ?? When(e, "eventTime") ?? When(e, "metadata", "creationTimestamp");
        var count = KubeObject.Number(e, "series", "count") ?? KubeObject.Number(e, "count") ?? 1;
        var from = KubeObject.Text(e, "reportingComponent");
        return new PodEvent(KubeObject.Text(e, "type"), KubeObject.Text(e, "reason"), Short(KubeObject.Text(e, "message")), from.Length > 0 ? from : KubeObject.Text(e, "source", "component"),
            (int)Math.Clamp(count, 1, int.MaxValue), When(e, "firstTimestamp") ?? When(e, "eventTime"), last);
    }

    private static ImmutableArray<PodCondition> Conditions(JsonElement pod) =>
        [.. KubeObject.Items(pod, "status", "conditions").Select(c => new PodCondition(KubeObject.Text(c, "type"), KubeObject.Text(c, "status"), KubeObject.Text(c, "reason"), Short(KubeObject.Text(c, "message")), When(c, "lastTransitionTime")))];

    private static ImmutableArray<PodContainer> Containers(JsonElement pod) =>
    [
        .. KubeObject.Items(pod, "status", "initContainerStatuses").Select(c => ContainerOf(c, init: true)),
        .. KubeObject.Items(pod, "status", "containerStatuses").Select(c => ContainerOf(c, init: false)),
    ];

    private static PodContainer ContainerOf(JsonElement c, bool init)
    {
        var (state, reason, message, since) = StateOf(KubeObject.Get(c, "state"));
        var ended = KubeObject.Get(c, "lastState", "terminated");
        var last = ended.ValueKind != JsonValueKind.Object ? null
            : $"{KubeObject.Text(ended, "reason")}, exit code {KubeObject.Number(ended, "exitCode")?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}";
        return new PodContainer(KubeObject.Text(c, "name"), KubeObject.Text(c, "image"), init, KubeObject.Flag(c, "ready"), (int)(KubeObject.Number(c, "restartCount") ?? 0),
            reason.Length > 0 ? $"{state}: {reason}" : state, Short(message), since, last);
    }

    private static (string State, string Reason, string Message, DateTimeOffset? Since) StateOf(JsonElement state)
    {
        foreach (var name in (ReadOnlySpan<string>)["running", "waiting", "terminated"])
        {
            var of = KubeObject.Get(state, name);
            if (of.ValueKind == JsonValueKind.Object)
                return (name, KubeObject.Text(of, "reason"), KubeObject.Text(of, "message"), When(of, "startedAt") ?? When(of, "finishedAt"));
        }
        return ("unknown", "", "", null);
    }

    private static DateTimeOffset? When(JsonElement of, params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(KubeObject.Text(of, path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private static string Short(string message) => message.Length <= MostMessage ? message : $"{message[..MostMessage]}…";
}
