using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Http;

/// <summary>The way of a request: who asks, may they, is a fault due, and which endpoint answers.</summary>
internal sealed class ApiHandler(
    ResourceCatalog catalog, Discovery discovery, AccessReviews access, FaultPlan faults, TimeProvider time, Tokens tokens,
    ListEndpoint lists, WatchEndpoint watches, ResourceEndpoint resources, PodEndpoint pods)
{
    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            await RouteAsync(http);
        }
        catch (StatusException refusal) when (!http.Response.HasStarted)
        {
            await http.Response.WriteStatusAsync(refusal);
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await http.Response.WriteStatusAsync(new(e.StatusCode, e.StatusCode == 413 ? "RequestEntityTooLarge" : "BadRequest", e.Message));
        }
        catch (Exception e) when (http.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            // The client hung up, or a fault hung up on it; there is nobody to tell.
        }
    }

    private async Task RouteAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "/";
        if (path is "/healthz" or "/livez" or "/readyz")
        {
            await http.Response.WriteAsync("ok", http.RequestAborted);
            return;
        }

        var caller = tokens.CallerOf(http.Request) ?? throw new StatusException(401, "Unauthorized", "Unauthorized");
        http.Items[typeof(Caller)] = caller;
        CheckAccept(http.Request);
        if (path == AccessReviews.Path && HttpMethods.IsPost(http.Request.Method))
        {
            await http.Response.WriteJsonAsync(201, access.Review(await RequestBody.ReadObjectAsync(http.Request, http.RequestAborted)));
            return;
        }

        if (ResourceRequest.Parse(http.Request, catalog) is { } request)
        {
            if (caller is Caller.ControlPlane)
            {
                await ServeAsync(http, request);
                return;
            }
            access.Check(request);
            await SpoilAsync(http, request);
            return;
        }

        if (discovery.Find(path) is { } document)
        {
            await http.Response.WriteJsonAsync(200, document);
            return;
        }

        // A real server has no Status object for groups it does not know, a trap for clients that parse every error.
        http.Response.StatusCode = 404;
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync("404 page not found\n", http.RequestAborted);
    }

    private async Task SpoilAsync(HttpContext http, ResourceRequest request)
    {
        var fault = faults.Take(request.Verb, request.Resource, request.Namespace, request.Name);
        if (fault is null)
        {
            await ServeAsync(http, request);
            return;
        }

        if (fault.Latency > TimeSpan.Zero)
            await Task.Delay(fault.Latency, time, http.RequestAborted);
        if (fault.Status is { } status)
            throw Refusal(fault, status, request);
        if (fault.LoseAnswer)
            http.Response.Body = Stream.Null;
        await ServeAsync(http, request);
        if (fault.LoseAnswer)
            http.Abort();
    }

    private Task ServeAsync(HttpContext http, ResourceRequest request) => request switch
    {
        { Verb: "list" } => lists.ServeAsync(http, request),
        { Verb: "watch" } => watches.ServeAsync(http, request),
        _ when PodEndpoint.Serves(request) => pods.ServeAsync(http, request),
        _ => resources.ServeAsync(http, request),
    };

    private static StatusException Refusal(FaultRule fault, int status, ResourceRequest request)
    {
        var (reason, message) = status switch
        {
            403 => ("Forbidden", $"{request.Kind.GroupResource} \"{request.Name}\" is forbidden"),
            404 => ("NotFound", $"{request.Kind.GroupResource} \"{request.Name}\" not found"),
            409 => ("Conflict", StatusException.Stale(request.Kind, request.Name ?? "").Message),
            410 => ("Expired", "The resourceVersion for the provided list is too old."),
            429 => ("TooManyRequests", "the server has received too many requests and has asked us to try again later"),
            500 => ("InternalError", "Internal error occurred: etcdserver: request timed out"),
            503 => ("ServiceUnavailable", "the server is currently unable to handle the request"),
            504 => ("Timeout", "the server was unable to return a response in the time allotted"),
            _ => ("Unknown", $"the server answered with status {status.ToString(CultureInfo.InvariantCulture)}"),
        };
        var details = fault.RetryAfter is { } after ? new System.Text.Json.Nodes.JsonObject { ["retryAfterSeconds"] = (int)Math.Ceiling(after.TotalSeconds) } : null;
        return new(status, reason, fault.Message ?? message, details);
    }

    // Only JSON is spoken here; a client that insists on protobuf is told so.
    private static void CheckAccept(HttpRequest http)
    {
        var accept = http.Headers.Accept.ToString();
        if (accept.Length > 0 && !accept.Contains("json", StringComparison.OrdinalIgnoreCase) && !accept.Contains('*', StringComparison.Ordinal))
            throw new StatusException(406, "NotAcceptable", "only the following media types are accepted: application/json");
    }
}
