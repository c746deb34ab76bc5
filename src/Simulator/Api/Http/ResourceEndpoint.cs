using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Rollcall.Simulator.Api.Patches;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Http;

/// <summary>Everything about single objects: get, create, update, the four patches, delete, and deletecollection.</summary>
internal sealed class ResourceEndpoint(ObjectStore store, Registry registry, Deletions deletions)
{
    private static readonly string[] ReturnedWhenDeleted = ["pods", "services", "serviceaccounts", "persistentvolumeclaims"];

    public async Task ServeAsync(HttpContext http, ResourceRequest request)
    {
        if (request.Subresource is not ("" or "status") || (request.Subresource == "status" && !request.Kind.HasStatus))
            throw StatusException.NoSuchResource();
        var ct = http.RequestAborted;
        switch (request.Verb)
        {
            case "get":
                await http.Response.WriteUtf8Async(200, registry.Get(request.Kind, request.Key).Utf8);
                break;
            case "create" when request is { Name: null, Subresource: "" } && (request.Namespace is not null || !request.Kind.Namespaced):
                var body = await RequestBody.ReadObjectAsync(http.Request, ct);
                await http.Response.WriteUtf8Async(201, registry.Create(request.Kind, request.Key.Namespace, body, Context(http, request)).Utf8);
                break;
            case "update" when request.Name is not null:
                var whole = await RequestBody.ReadObjectAsync(http.Request, ct);
                await http.Response.WriteUtf8Async(200, registry.Replace(request.Kind, request.Key, whole, Context(http, request)).Utf8);
                break;
            case "patch" when request.Name is not null:
                await PatchAsync(http, request);
                break;
            case "delete" when request.Subresource.Length == 0:
                await DeleteAsync(http, request);
                break;
            case "deletecollection" when request.Namespace is not null || !request.Kind.Namespaced:
                await DeleteCollectionAsync(http, request);
                break;
            default:
                throw ResourceRequest.MethodNotAllowed();
        }
    }

    private static WriteContext Context(HttpContext http, ResourceRequest request)
    {
        var manager = http.Request.Query["fieldManager"].ToString();
        if (manager.Length == 0)
            manager = http.Request.Headers.UserAgent.ToString().Split('/', ' ')[0];
        return new(manager.Length == 0 ? "unknown" : manager, request.Subresource, IsDryRun(http));
    }

    private static bool IsDryRun(HttpContext http) => http.Request.Query["dryRun"].ToString() == "All";

    private async Task PatchAsync(HttpContext http, ResourceRequest request)
    {
        var context = Context(http, request);
        var body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        switch (RequestBody.MediaType(http.Request))
        {
            case "application/json-patch+json":
                var operations = body as JsonArray ?? throw StatusException.BadRequest("error decoding patch: not an array");
                await Answer(o => JsonPatch.Apply(o, operations));
                break;
            case "application/merge-patch+json":
                await Answer(o => MergePatch.Apply(o, AsObject(body)));
                break;
            case "application/strategic-merge-patch+json" when !request.Kind.Custom:
                await Answer(o => StrategicMergePatch.Apply(o, AsObject(body)));
                break;
            case "application/apply-patch+yaml":
                await ApplyAsync(http, request, AsObject(body), context with { IsApply = true });
                break;
            default:
                throw RequestBody.Unsupported(request.Kind.Custom
                    ? "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
                    : "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml");
        }

        Task Answer(Func<JsonObject, JsonObject> patch) =>
            http.Response.WriteUtf8Async(200, registry.Patch(request.Kind, request.Key, patch, context).Utf8);
    }

    // Server-side apply without ownership: the applied fields are merged in, lists with a merge key by that key, and nobody conflicts.
    private async Task ApplyAsync(HttpContext http, ResourceRequest request, JsonObject applied, WriteContext context)
    {
        if (http.Request.Query["fieldManager"].ToString().Length == 0)
        {
            throw new StatusException(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
                new() { ["group"] = "meta.k8s.io", ["kind"] = "PatchOptions" });
        }

        if (applied.Text("metadata", "name") is { } name && name != request.Name)
            throw StatusException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({request.Name})");
        applied.Meta()["name"] = request.Name;
        var created = false;
        var result = store.Transact(() =>
        {
            if (store.Find(request.Kind, request.Key) is null && request.Subresource.Length == 0)
            {
                created = true;
                return registry.Create(request.Kind, request.Key.Namespace, applied, context);
            }

            return registry.Patch(request.Kind, request.Key, o => request.Kind.Custom ? MergePatch.Apply(o, applied) : StrategicMergePatch.Apply(o, applied), context);
        });
        await http.Response.WriteUtf8Async(created ? 201 : 200, result.Utf8);
    }

    private static JsonObject AsObject(JsonNode? body) => body as JsonObject ?? throw StatusException.BadRequest("error decoding patch: not an object");

    private async Task DeleteAsync(HttpContext http, ResourceRequest request)
    {
        var options = await OptionsAsync(http);
        var (item, gone) = deletions.Delete(request.Kind, request.Key, options);
        if (!gone || ReturnedWhenDeleted.Contains(request.Kind.Plural))
            await http.Response.WriteUtf8Async(200, item.Utf8);
        else
            await http.Response.WriteJsonAsync(200, Responses.Success(new() { ["name"] = item.Key.Name, ["group"] = request.Kind.Group, ["kind"] = request.Kind.Plural, ["uid"] = item.Uid }));
    }

    private async Task DeleteCollectionAsync(HttpContext http, ResourceRequest request)
    {
        var options = await OptionsAsync(http);
        var selection = new Selection(request.Kind, request.Namespace, http.Request.Query["labelSelector"], http.Request.Query["fieldSelector"]);
        store.Transact(() =>
        {
            foreach (var item in store.Of(request.Kind).Live.Scan(request.Namespace).Where(selection.Matches).ToList())
                deletions.Delete(request.Kind, item.Key, options);
            return 0;
        });
        await http.Response.WriteJsonAsync(200, Responses.Success());
    }

    private static async Task<DeleteOptions> OptionsAsync(HttpContext http)
    {
        var body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        var query = http.Request.Query;
        long? grace = long.TryParse(query["gracePeriodSeconds"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;
        return Options(body) with
        {
            GracePeriodSeconds = body.Number("gracePeriodSeconds") ?? grace,
            Propagation = body.Text("propagationPolicy") ?? (query["propagationPolicy"].ToString() is { Length: > 0 } policy ? policy : null),
            DryRun = IsDryRun(http) || body.At("dryRun").Texts().Contains("All"),
        };
    }

    /// <summary>metav1.DeleteOptions as a body carries them.</summary>
    public static DeleteOptions Options(JsonNode? body) => new()
    {
        GracePeriodSeconds = body.Number("gracePeriodSeconds"),
        Propagation = body.Text("propagationPolicy"),
        Uid = body.Text("preconditions", "uid"),
        ResourceVersion = body.Text("preconditions", "resourceVersion"),
        DryRun = body.At("dryRun").Texts().Contains("All"),
    };
}
