using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;

namespace Rollcall.Simulator.Operators.Machinery;

internal sealed record Page<T>(IReadOnlyList<T> Items, string ResourceVersion, string? Continue);

/// <summary>How to list and to watch one kind in all namespaces.</summary>
internal sealed record ResourceFeed<T>(
    string Name,
    Func<string?, CancellationToken, Task<Page<T>>> List,
    Func<string, CancellationToken, IAsyncEnumerable<(WatchEventType Type, T Object)>> Watch);

internal static class ResourceFeeds
{
    private const int PageSize = 500;

    /// <summary>The server ends a watch after this time; the loop lists nothing then, it watches on from where it was.</summary>
    private const int WatchSeconds = 600;

    public static ResourceFeed<V1Pod> Pods(IKubernetes client) => new(
        "pods",
        async (token, ct) =>
        {
            var list = await client.CoreV1.ListPodForAllNamespacesAsync(continueParameter: token, limit: PageSize, cancellationToken: ct);
            return new([.. list.Items], list.ResourceVersion(), list.Continue());
        },
        (version, ct) => client.CoreV1.WatchListPodForAllNamespacesAsync(
            resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds: WatchSeconds, onError: Rethrow, cancellationToken: ct));

    public static ResourceFeed<V1StatefulSet> StatefulSets(IKubernetes client) => new(
        "statefulsets",
        async (token, ct) =>
        {
            var list = await client.AppsV1.ListStatefulSetForAllNamespacesAsync(continueParameter: token, limit: PageSize, cancellationToken: ct);
            return new([.. list.Items], list.ResourceVersion(), list.Continue());
        },
        (version, ct) => client.AppsV1.WatchListStatefulSetForAllNamespacesAsync(
            resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds: WatchSeconds, onError: Rethrow, cancellationToken: ct));

    public static ResourceFeed<V1ControllerRevision> ControllerRevisions(IKubernetes client) => new(
        "controllerrevisions",
        async (token, ct) =>
        {
            var list = await client.AppsV1.ListControllerRevisionForAllNamespacesAsync(continueParameter: token, limit: PageSize, cancellationToken: ct);
            return new([.. list.Items], list.ResourceVersion(), list.Continue());
        },
        (version, ct) => client.AppsV1.WatchListControllerRevisionForAllNamespacesAsync(
            resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds: WatchSeconds, onError: Rethrow, cancellationToken: ct));

    public static ResourceFeed<KubeObject> Of(IKubernetes client, ResourceKind kind) => new(
        kind.Plural,
        async (token, ct) =>
        {
            using var answer = await client.CustomObjects.ListClusterCustomObjectWithHttpMessagesAsync<KubeObjectList>(
                kind.Group, kind.Version, kind.Plural, continueParameter: token, limit: PageSize, cancellationToken: ct);
            return new(answer.Body.Items, answer.Body.Metadata.ResourceVersion ?? "", answer.Body.Metadata.ContinueProperty);
        },
        (version, ct) => WatchCustom(client, kind, version, ct));

    private static async IAsyncEnumerable<(WatchEventType, KubeObject)> WatchCustom(
        IKubernetes client, ResourceKind kind, string version, [EnumeratorCancellation] CancellationToken ct)
    {
        var events = client.CustomObjects.WatchListClusterCustomObjectAsync(
            kind.Group, kind.Version, kind.Plural, resourceVersion: version, allowWatchBookmarks: true,
            timeoutSeconds: WatchSeconds, onError: Rethrow, cancellationToken: ct);
        await foreach (var (type, raw) in events.WithCancellation(ct))
        {
            yield return (type, KubeObject.Parse(raw));
        }
    }

    /// <summary>The client hides an ERROR event (410 Gone among them) unless this throws.</summary>
    private static void Rethrow(Exception error) => throw new WatchBrokenException(error);

    private sealed class KubeObjectList
    {
        public V1ListMeta Metadata { get; set; } = new();

        public IReadOnlyList<KubeObject> Items { get; set; } = [];
    }
}

internal sealed class WatchBrokenException(Exception inner) : Exception("The watch reported an error: " + inner.Message, inner);
