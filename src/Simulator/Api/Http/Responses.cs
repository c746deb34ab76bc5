using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Http;

internal static class Responses
{
    public static Task WriteJsonAsync(this HttpResponse response, int code, JsonObject json) =>
        response.WriteUtf8Async(code, System.Text.Encoding.UTF8.GetBytes(json.ToJsonString(JsonAccess.Compact)));

    public static async Task WriteUtf8Async(this HttpResponse response, int code, byte[] utf8)
    {
        response.StatusCode = code;
        response.ContentType = "application/json";
        response.ContentLength = utf8.Length;
        await response.BodyWriter.WriteAsync(utf8);
    }

    public static Task WriteStatusAsync(this HttpResponse response, StatusException refusal)
    {
        if (refusal.RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return response.WriteJsonAsync(refusal.Code, refusal.ToStatus());
    }

    public static JsonObject Success(JsonObject? details = null)
    {
        var status = new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success" };
        if (details is not null)
            status["details"] = details;
        return status;
    }
}
