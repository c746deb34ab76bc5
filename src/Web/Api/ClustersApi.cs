using Microsoft.Net.Http.Headers;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Api;

public static class ClustersApi
{
    public static void MapClusters(this IEndpointRouteBuilder api)
    {
        var clusters = api.MapGroup("/clusters").WithTags("Clusters");

        clusters.MapGet("/", (Rollouts rollouts, HttpContext context) => rollouts.Clusters(context.Caller()))
            .KeepsScope()
            .WithName("ListClusters").WithSummary("Clusters in sight")
            .WithDescription("Every cluster that Rollcall sees, with the versions of its components, what could be installed (`availableVersions`: newest first, without the present one), and the run that holds it, if one does.");

        clusters.MapGet("/{namespace}/{name}/topology", Topology)
            .KeepsScope()
            .Produces<TopologySnapshot>().Produces(StatusCodes.Status304NotModified).ProducesProblem(StatusCodes.Status404NotFound)
            .WithName("GetTopology").WithSummary("Shards, instances, roles and lag")
            .WithDescription("One picture of a cluster. Its `version` is opaque and is the ETag too: send it back as If-None-Match and a picture that did not change is 304 without a body. "
                + "Lag is in the engine's own unit: `lagSeconds` or `lagBytes`, never converted; `lagSource` says who measured it and is empty where nobody does.");
    }

    private static IResult Topology(string @namespace, string name, ClusterCatalog catalog, HttpContext context)
    {
        var key = new ClusterKey(@namespace, name);
        if (!context.Caller().Scope.Covers(key) || catalog.Find(key)?.Current is not { } topology)
            return Answers.NotFound($"There is no cluster {@namespace}/{name} in sight.");
        var tag = new EntityTagHeaderValue($"\"{topology.Version}\"");
        context.Response.Headers.ETag = tag.ToString();
        context.Response.Headers.CacheControl = "private, no-cache";
        var held = context.Request.GetTypedHeaders().IfNoneMatch;
        return held.Any(h => h.Compare(tag, useStrongComparison: false) || h.Tag == "*") ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Ok(topology);
    }
}
