using Rollcall.Engine.Kubernetes.Looking;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Api;

/// <summary>What Kubernetes itself says about one member, read when it is asked for.</summary>
public static class InstancesApi
{
    public static void MapInstances(this IEndpointRouteBuilder api)
    {
        var instance = api.MapGroup("/clusters/{namespace}/{name}/instances/{component}/{shard}/{instance}").WithTags("Clusters");

        instance.MapGet("/events", (string @namespace, string name, string component, string shard, string instance, PodLook look, HttpContext context, CancellationToken ct) =>
                ReadAsync(context, new ClusterKey(@namespace, name), key => look.EventsAsync(key, new InstanceRef(component, shard, instance), ct)))
            .KeepsScope()
            .WithName("GetInstanceEvents").WithSummary("Kubernetes Events of a member's Pod").Produces<PodEvents>().Refuses(403, 404, 503)
            .WithDescription($"Of the present Pod, newest first, at most {PodLook.MostEvents}; `total` says how many there are. Read from the API server for this answer. 403: Rollcall's service account may not list Events there.");

        instance.MapGet("/object", (string @namespace, string name, string component, string shard, string instance, PodLook look, HttpContext context, CancellationToken ct) =>
                ReadAsync(context, new ClusterKey(@namespace, name), key => look.ObjectAsync(key, new InstanceRef(component, shard, instance), ct)))
            .KeepsScope()
            .WithName("GetInstanceObject").WithSummary("A member's Pod: conditions, containers, YAML").Produces<PodObject>().Refuses(403, 404, 503)
            .WithDescription("The YAML is for reading: managedFields are left out, and values that look like secrets are `(hidden)`; `masked` says how many.");
    }

    private static async Task<IResult> ReadAsync<T>(HttpContext context, ClusterKey cluster, Func<ClusterKey, Task<Result<T>>> read) => context.Caller().Scope.Covers(cluster)
        ? Answers.Of(await read(cluster), found => Results.Ok(found))
        : Answers.NotFound($"There is no cluster {cluster} in sight.");
}
