using System.Text.Json.Nodes;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Semantics;

/// <summary>
/// A refusal, as the <c>Status</c> object that the client gets. An exception, because it ends a request from any depth of patching and validation
/// and nothing between there and the response may go on. Messages are worded as a real API server words them: clients match on them.
/// </summary>
internal sealed class StatusException(int code, string reason, string message, JsonObject? details = null) : Exception(message)
{
    public int Code { get; } = code;

    public string Reason { get; } = reason;

    public int? RetryAfterSeconds { get; } = (int?)details.Number("retryAfterSeconds");

    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Failure", ["message"] = Message, ["reason"] = Reason,
        };
        if (details is not null)
            status["details"] = details.DeepClone();
        status["code"] = Code;
        return status;
    }

    public static StatusException NotFound(ResourceKind kind, string name) =>
        new(404, "NotFound", $"{kind.GroupResource} \"{name}\" not found", Details(kind, name));

    /// <summary>A path that names no served resource.</summary>
    public static StatusException NoSuchResource() => new(404, "NotFound", "the server could not find the requested resource", new());

    public static StatusException AlreadyExists(ResourceKind kind, string name) =>
        new(409, "AlreadyExists", $"{kind.GroupResource} \"{name}\" already exists", Details(kind, name));

    public static StatusException Conflict(ResourceKind kind, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {kind.GroupResource} \"{name}\": {why}", Details(kind, name));

    public static StatusException Stale(ResourceKind kind, string name) =>
        Conflict(kind, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static StatusException Invalid(ResourceKind kind, string name, string field, string problem, string cause = "FieldValueInvalid")
    {
        var details = new JsonObject { ["name"] = name, ["group"] = kind.Group, ["kind"] = kind.Kind };
        details["causes"] = new JsonArray(new JsonObject { ["reason"] = cause, ["message"] = problem, ["field"] = field });
        return new(422, "Invalid", $"{kind.Kind}{(kind.Group.Length == 0 ? "" : "." + kind.Group)} \"{name}\" is invalid: {field}: {problem}", details);
    }

    /// <summary>A JSON patch that does not fit the object, a failed <c>test</c> among others.</summary>
    public static StatusException Unprocessable(string why) =>
        new(422, "Invalid", "the server rejected our request due to an error in our request",
            new() { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "UnexpectedServerResponse", ["message"] = why }) });

    public static StatusException BadRequest(string message) => new(400, "BadRequest", message);

    public static StatusException Forbidden(ResourceKind kind, string name, string why) =>
        new(403, "Forbidden", $"{kind.GroupResource} \"{name}\" is forbidden: {why}", Details(kind, name));

    public static StatusException Expired(string message) => new(410, "Expired", message);

    public static StatusException TooManyRequests(string message, int retryAfterSeconds, JsonObject? details = null)
    {
        details ??= [];
        if (retryAfterSeconds > 0)
            details["retryAfterSeconds"] = retryAfterSeconds;
        return new(429, "TooManyRequests", message, details);
    }

    private static JsonObject Details(ResourceKind kind, string name)
    {
        var details = new JsonObject { ["name"] = name };
        if (kind.Group.Length > 0)
            details["group"] = kind.Group;
        details["kind"] = kind.Plural;
        return details;
    }
}
