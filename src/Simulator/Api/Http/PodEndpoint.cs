using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Http;

/// <summary>The subresources that only Pods have: eviction, binding, exec.</summary>
internal sealed class PodEndpoint(Registry registry, Evictions evictions, ExecEndpoint exec)
{
    public static bool Serves(ResourceRequest request) =>
        request.Kind == ResourceCatalog.Pods && request is { Verb: "create", Subresource: "eviction" or "binding" or "exec" };

    public Task ServeAsync(HttpContext http, ResourceRequest request) => request.Subresource switch
    {
        "eviction" => EvictAsync(http, request),
        "binding" => BindAsync(http, request),
        _ => exec.ServeAsync(http, request),
    };

    private async Task EvictAsync(HttpContext http, ResourceRequest request)
    {
        var body = await RequestBody.ReadObjectAsync(http.Request, http.RequestAborted);
        // policy/v1beta1 is gone from present servers, but they still read it here.
        if (body.Text("apiVersion") is not ("policy/v1" or "policy/v1beta1") || body.Text("kind") is not "Eviction")
            throw StatusException.BadRequest($"no kind \"{body.Text("kind")}\" is registered for version \"{body.Text("apiVersion")}\"");
        if (body.Text("metadata", "name") is { } name && name != request.Name)
            throw StatusException.BadRequest($"name in URL does not match name in Eviction object: {name}");
        evictions.Evict(request.Key, ResourceEndpoint.Options(body["deleteOptions"]));
        var success = Responses.Success();
        success["code"] = 201;
        await http.Response.WriteJsonAsync(201, success);
    }

    private async Task BindAsync(HttpContext http, ResourceRequest request)
    {
        var body = await RequestBody.ReadObjectAsync(http.Request, http.RequestAborted);
        var node = body.Text("target", "name") ?? throw StatusException.BadRequest("target.name: Required value");
        registry.Bind(request.Key, node);
        await http.Response.WriteJsonAsync(201, Responses.Success());
    }
}
