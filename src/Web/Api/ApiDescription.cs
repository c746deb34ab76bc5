using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Rollcall.Shared;

namespace Rollcall.Web.Api;

/// <summary>The OpenAPI document: what the endpoints say about themselves, and what is true of all of them.</summary>
public static class ApiDescription
{
    private const string Bearer = "bearer", Cookie = "cookie";

    private const string About = """
        Rollouts for stateful applications on Kubernetes.

        **Log in.** Programs send `Authorization: Bearer TOKEN` (made under Settings or by `POST /api/v1/tokens`; the first may be `Rollcall__Auth__BootstrapToken`). A token that is limited to some clusters sees nothing else; one that only reads changes nothing. Browsers have a session cookie; what changes something must then come from Rollcall's own pages. Without a login every answer here is 401, never a redirect.

        **Errors** are `application/problem+json`. What is wrong with a document stands in `errors[]`: `path` (JSON pointer), `line` (of the YAML, 0 where unknown), `message`, `allowed`. A conflict may carry `runId` and `run` (the run in the way), `planHash` (the right hash) and `changed` (what differs).

        **Idempotency-Key** on POST (1 to 255 characters): the same key with the same request gets the same answer for 24 hours, and nothing happens twice; with another request it is 409.

        **Units.** Times are RFC 3339 in UTC. `…Seconds` are seconds, `…Bytes` bytes. Lag is in the engine's own unit and is never converted.

        **Live.** The SignalR hub `/hubs/live` streams `WatchTopology(cluster, fromVersion)` and `WatchRun(run, afterSeq)`; acknowledge each frame with `Ack(stream, version)`.
        """;

    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", o =>
    {
        o.ShouldInclude = e => e.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true;
        o.AddDocumentTransformer(Document);
        o.AddOperationTransformer(Operation);
        o.AddSchemaTransformer(Schema);
    });

    private static Task Document(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken ct)
    {
        document.Info = new OpenApiInfo { Title = "Rollcall", Version = "v1", Description = About, License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" } };
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API token." },
            [Cookie] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = "rollcall-…", Description = "The session of a person who logged in with a one-time link." },
        };
        // Mapped by packages that describe nothing themselves.
        document.Paths ??= [];
        document.Paths["/healthz"] = Plain("Liveness", "The process answers. Open to everybody.", 200);
        document.Paths["/readyz"] = Plain("Readiness", "The clusters have been read once and the journal can be written. Open to everybody.", 200, 503);
        document.Paths["/metrics"] = Plain("Metrics", "Prometheus text: runs by state, clusters, instances not ready, age of holds in seconds, live viewers. Needs a login.", 200, 401);
        return Task.CompletedTask;
    }

    private static OpenApiPathItem Plain(string summary, string description, params int[] statuses)
    {
        var responses = new OpenApiResponses();
        foreach (var status in statuses)
            responses[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse { Description = status switch { 200 => "Well.", 401 => "Not logged in.", _ => "Not ready; the text says why." } };
        return new OpenApiPathItem
        {
            Operations = new Dictionary<HttpMethod, OpenApiOperation> { [HttpMethod.Get] = new() { Summary = summary, Description = description, OperationId = summary, Responses = responses, Tags = new HashSet<OpenApiTagReference>() } },
        };
    }

    private static Task Operation(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<Microsoft.AspNetCore.Authorization.IAllowAnonymous>().Any())
            return Task.CompletedTask;
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Cookie, context.Document)] = [] },
        ];
        operation.Responses ??= [];
        operation.Responses.TryAdd("401", new OpenApiResponse { Description = "Not logged in." });
        if (metadata.OfType<IdempotentMetadata>().Any())
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = Idempotency.Header, In = ParameterLocation.Header, Description = "Makes a repeated request safe; 1 to 255 characters, remembered for 24 hours.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
            });
        }
        return Task.CompletedTask;
    }

    private static Task Schema(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        if (context.JsonTypeInfo.Type == typeof(ClusterKey))
        {
            schema.Type = JsonSchemaType.String;
            schema.Properties = null;
            schema.Required = null;
            schema.Description = "namespace/name";
            schema.Examples = [JsonValue.Create("demo/orders")];
        }
        return Task.CompletedTask;
    }
}
