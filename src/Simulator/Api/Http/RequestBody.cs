using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Rollcall.Simulator.Api.Patches;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Http;

/// <summary>Reads bodies: JSON, and YAML where Kubernetes' clients send it.</summary>
internal static class RequestBody
{
    public static string MediaType(HttpRequest http) => (http.ContentType ?? "application/json").Split(';')[0].Trim().ToLowerInvariant();

    public static async Task<JsonObject> ReadObjectAsync(HttpRequest http, CancellationToken ct)
    {
        if (MediaType(http) is not ("application/json" or "application/yaml"))
            throw Unsupported("application/json, application/yaml");
        return await ReadAsync(http, ct) as JsonObject ?? throw StatusException.BadRequest("the body is not a JSON object");
    }

    /// <summary>Null when there is no body.</summary>
    public static async Task<JsonNode?> ReadAsync(HttpRequest http, CancellationToken ct)
    {
        using var buffer = new MemoryStream();
        await http.Body.CopyToAsync(buffer, ct);
        if (buffer.Length == 0)
            return null;
        var utf8 = buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
        try
        {
            return MediaType(http).EndsWith("yaml", StringComparison.Ordinal)
                ? YamlJson.Parse(Encoding.UTF8.GetString(utf8))
                : JsonNode.Parse(utf8, documentOptions: JsonAccess.Strict);
        }
        catch (JsonException e)
        {
            throw StatusException.BadRequest($"error decoding JSON: {e.Message}");
        }
    }

    public static StatusException Unsupported(string accepted) =>
        new(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {accepted}", new());
}
