using System.Globalization;
using System.Text.Json.Nodes;

namespace Rollcall.Simulator.Databases.Mongo;

/// <summary>Values that JSON has no word for, tagged on their way from the simulated server to the simulated shell (mongosh.js turns them into its own classes).</summary>
internal static class Bson
{
    public static JsonObject Date(DateTimeOffset at) => new() { ["$date"] = at.ToUnixTimeMilliseconds() };

    public static JsonObject Long(long value) => new() { ["$long"] = value.ToString(CultureInfo.InvariantCulture) };

    /// <summary>A place in the oplog: whole seconds and a counter within the second.</summary>
    public static JsonObject Timestamp(DateTimeOffset at) => Timestamp(at.ToUnixTimeSeconds(), 1 + at.Millisecond / 100);

    public static JsonObject Timestamp(long seconds, int increment) => new() { ["$ts"] = new JsonArray(seconds, increment) };

    public static JsonObject ObjectId(string seed) => new() { ["$oid"] = StableHash.Hex(seed, 24) };

    public static JsonObject OpTime(DateTimeOffset at, long term) => new() { ["ts"] = Timestamp(at), ["t"] = Long(term) };

    public static JsonObject NoOpTime() => new() { ["ts"] = Timestamp(0, 0), ["t"] = Long(-1) };

    /// <summary>A number from a command, which the shell sends plainly.</summary>
    public static double? Number(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() is System.Text.Json.JsonValueKind.Number ? value.GetValue<double>() : null;

    public static bool? Flag(JsonNode? node) => node switch
    {
        JsonValue value when value.GetValueKind() is System.Text.Json.JsonValueKind.True => true,
        JsonValue value when value.GetValueKind() is System.Text.Json.JsonValueKind.False => false,
        _ => Number(node) is { } number ? number != 0 : null,
    };
}

/// <summary>A command that the server refuses, as its reply says it.</summary>
internal sealed class MongoRefusal(int code, string codeName, string message) : Exception(message)
{
    public JsonObject ToReply() => new() { ["ok"] = 0, ["errmsg"] = Message, ["code"] = code, ["codeName"] = codeName };

    public static MongoRefusal BadValue(string message) => new(2, "BadValue", message);

    public static MongoRefusal NotPrimary(string message) => new(10107, "NotWritablePrimary", message);

    public static MongoRefusal UnknownCommand(string name) => new(59, "CommandNotFound", $"no such command: '{name}'");
}
