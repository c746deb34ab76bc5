using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Rollcall.Simulator.Operators.Machinery;

/// <summary>The few ways in which the operators write.</summary>
internal static class Writing
{
    public static V1Patch Merge(JsonObject content) => new(content, V1Patch.PatchType.MergePatch);

    /// <summary>Creates the object; false when one of that name exists already.</summary>
    public static async Task<bool> CreateAsync(this IKubernetes client, ResourceKind kind, JsonObject body, CancellationToken ct)
    {
        body["apiVersion"] = kind.ApiVersion;
        body["kind"] = kind.Kind;
        return await UnlessExistsAsync(() => kind.Namespaced
            ? client.CustomObjects.CreateNamespacedCustomObjectAsync(body, kind.Group, kind.Version, body.Child("metadata").Text("namespace"), kind.Plural, cancellationToken: ct)
            : client.CustomObjects.CreateClusterCustomObjectAsync(body, kind.Group, kind.Version, kind.Plural, cancellationToken: ct));
    }

    public static async Task<bool> UnlessExistsAsync(Func<Task> create)
    {
        try
        {
            await create();
            return true;
        }
        catch (HttpOperationException error) when (error.Response.StatusCode is HttpStatusCode.Conflict)
        {
            return false;
        }
    }

    /// <summary>A write to an object that may have gone meanwhile. A conflict is not forgiven: the caller comes back with a newer cache.</summary>
    public static async Task UnlessGoneAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (HttpOperationException error) when (error.Response.StatusCode is HttpStatusCode.NotFound)
        {
            // The deletion reaches the cache by itself.
        }
    }

    public static Task PatchAsync(this IKubernetes client, ResourceKind kind, string key, JsonObject patch, CancellationToken ct)
    {
        var (space, name) = ObjectKey.Split(key);
        return client.CustomObjects.PatchNamespacedCustomObjectAsync(Merge(patch), kind.Group, kind.Version, space, kind.Plural, name, cancellationToken: ct);
    }

    /// <summary>Writes the status when it differs from what the cache shows, so that a settled object causes no traffic.</summary>
    public static async Task<bool> PatchStatusAsync(this IKubernetes client, ResourceKind kind, KubeObject current, JsonObject status, CancellationToken ct)
    {
        if (Covers(current.Status, status))
            return false;
        await WriteStatusAsync(client, kind, ObjectKey.Of(current), status, ct);
        return true;
    }

    public static Task WriteStatusAsync(this IKubernetes client, ResourceKind kind, string key, JsonObject status, CancellationToken ct)
    {
        var (space, name) = ObjectKey.Split(key);
        var patch = Merge(new JsonObject { ["status"] = status.DeepClone() });
        return kind.Namespaced
            ? client.CustomObjects.PatchNamespacedCustomObjectStatusAsync(patch, kind.Group, kind.Version, space, kind.Plural, name, cancellationToken: ct)
            : client.CustomObjects.PatchClusterCustomObjectStatusAsync(patch, kind.Group, kind.Version, kind.Plural, name, cancellationToken: ct);
    }

    /// <summary>Whether merging <paramref name="wanted"/> into <paramref name="current"/> would change nothing.</summary>
    public static bool Covers(JsonObject current, JsonObject wanted)
    {
        foreach (var (name, value) in wanted)
        {
            var same = value is JsonObject inner && current[name] is JsonObject there
                ? Covers(there, inner)
                : JsonNode.DeepEquals(current[name], value);
            if (!same)
                return false;
        }
        return true;
    }
}
