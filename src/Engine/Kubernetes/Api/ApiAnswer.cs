using System.Net;
using System.Text.Json;

namespace Rollcall.Engine.Kubernetes.Api;

/// <summary>What the API server said, or that nobody knows what it would have said.</summary>
/// <param name="Code">Zero when no answer came.</param>
/// <param name="Body">The object or the Status; undefined when there was none.</param>
/// <param name="Message">Status.message, or the reason of the connection's end.</param>
public sealed record ApiAnswer(HttpStatusCode Code, JsonElement Body, string Message, TimeSpan? RetryAfter = null)
{
    public bool Ok => (int)Code is >= 200 and < 300;

    /// <summary>No answer: the request may or may not have been carried out.</summary>
    public bool Unknown => Code == 0;

    public bool NotFound => Code == HttpStatusCode.NotFound;
    public bool Conflict => Code == HttpStatusCode.Conflict;
    public bool Forbidden => Code == HttpStatusCode.Forbidden;
    public bool TooManyRequests => Code == HttpStatusCode.TooManyRequests;

    /// <summary>Status.reason: AlreadyExists, Conflict, Expired …</summary>
    public string Reason => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("reason", out var r) && r.ValueKind == JsonValueKind.String ? r.GetString()! : "";

    /// <summary>The body as an object of ours.</summary>
    public KubeObject Object => new(Body);

    public static ApiAnswer Lost(string why) => new(0, default, why);

    public static async Task<ApiAnswer> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(ct).ConfigureAwait(false);
        var body = Parse(bytes);
        var message = body.ValueKind == JsonValueKind.Object && body.TryGetProperty("message", out var m) && m.ValueKind == JsonValueKind.String ? m.GetString()! : "";
        if (message.Length == 0 && !response.IsSuccessStatusCode)
            message = $"HTTP {(int)response.StatusCode} {response.ReasonPhrase}";
        return new ApiAnswer(response.StatusCode, body, message, response.Headers.RetryAfter?.Delta);
    }

    private static JsonElement Parse(byte[] bytes)
    {
        if (bytes.Length == 0)
            return default;
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // Proxies answer in plain text; the status code is what counts then.
            return default;
        }
    }
}
