using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Http;

/// <summary>GET of a collection: selectors, pages that belong to one revision, resourceVersion rules.</summary>
internal sealed class ListEndpoint(ObjectStore store)
{
    private const int FlushAt = 64 * 1024;

    public async Task ServeAsync(HttpContext http, ResourceRequest request)
    {
        var query = http.Request.Query;
        var kind = store.Of(request.Kind);
        var selection = new Selection(request.Kind, request.Namespace, query["labelSelector"], query["fieldSelector"]);
        var (version, snapshot, after) = Open(kind, query);
        var limit = Limit(query, version);

        var page = new List<StoredObject>();
        var remaining = 0;
        foreach (var item in snapshot.Scan(selection.Namespace, after).Where(selection.Matches))
        {
            if (page.Count < limit)
                page.Add(item);
            else if (++remaining > 0 && !selection.IsWhole)
                break;
        }

        var meta = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (remaining > 0)
        {
            meta["continue"] = Token(version, page[^1].Key);
            // With a selector a real server does not know either.
            if (selection.IsWhole)
                meta["remainingItemCount"] = remaining;
        }

        await WriteAsync(http, request.Kind, meta, page);
    }

    private (long Version, Snapshot Snapshot, ObjectKey? After) Open(KindStore kind, IQueryCollection query)
    {
        if (query["continue"].ToString() is { Length: > 0 } token)
        {
            var (version, after) = ReadToken(token);
            return kind.TrySnapshot(version, out var old)
                ? (version, old, after)
                : throw StatusException.Expired("The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.");
        }

        // First the revision, then the objects: what the objects hold beyond it will be seen again by a watch, never missed.
        var latest = store.Revision;
        var wanted = Version(query);
        if (wanted > latest)
            throw TooLarge(wanted, latest);
        if (query["resourceVersionMatch"] != "Exact")
            return kind.TrySnapshot(latest, out var live) ? (latest, live, null) : (store.Revision, kind.Live, null);
        return kind.TrySnapshot(wanted, out var exact)
            ? (wanted, exact, null)
            : throw StatusException.Expired($"The resourceVersion for the provided list is too old: {wanted}");
    }

    // A list "as of 0" is served from the watch cache, which knows no pages.
    private static int Limit(IQueryCollection query, long version)
    {
        if (query["resourceVersion"] == "0" && query["continue"].Count == 0)
            return int.MaxValue;
        return int.TryParse(query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0 && version > 0 ? limit : int.MaxValue;
    }

    /// <summary>The query's resourceVersion; 0 when it is missing.</summary>
    public static long Version(IQueryCollection query)
    {
        var text = query["resourceVersion"].ToString();
        if (text.Length == 0)
            return 0;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw StatusException.BadRequest($"invalid resource version \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");
    }

    private static StatusException TooLarge(long wanted, long latest)
    {
        var details = new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        };
        return new(504, "Timeout", $"Timeout: Too large resource version: {wanted}, current: {latest}", details);
    }

    private static string Token(long version, ObjectKey last) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["rv"] = version, ["ns"] = last.Namespace, ["name"] = last.Name }));

    private static (long Version, ObjectKey After) ReadToken(string token)
    {
        try
        {
            var json = JsonNode.Parse(Base64Url.DecodeFromChars(token));
            if (json.Number("rv") is { } version && json.Text("ns") is { } ns && json.Text("name") is { } name)
                return (version, new(ns, name));
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw StatusException.BadRequest($"continue key is not valid: {e.Message}");
        }

        throw StatusException.BadRequest("continue key is not valid: incomplete");
    }

    private static async Task WriteAsync(HttpContext http, ResourceKind kind, JsonObject meta, List<StoredObject> page)
    {
        http.Response.ContentType = "application/json";
        var writer = http.Response.BodyWriter;
        writer.Write(System.Text.Encoding.UTF8.GetBytes($$"""{"kind":"{{kind.Kind}}List","apiVersion":"{{kind.ApiVersion}}","metadata":{{meta.ToJsonString(JsonAccess.Compact)}},"items":["""));
        var separator = false;
        foreach (var item in page)
        {
            WriteItem(writer, item, separator);
            separator = true;
            if (writer.CanGetUnflushedBytes && writer.UnflushedBytes > FlushAt)
                await writer.FlushAsync(http.RequestAborted);
        }

        writer.Write("]}"u8);
        await writer.FlushAsync(http.RequestAborted);
    }

    // The items of a typed list carry neither kind nor apiVersion; those of a custom resource's list do.
    private static void WriteItem(PipeWriter writer, StoredObject item, bool separator)
    {
        if (separator)
            writer.Write(","u8);
        if (item.Kind.Custom)
        {
            writer.Write(item.Utf8);
            return;
        }

        writer.Write("{"u8);
        writer.Write(item.Utf8AfterType.Span);
    }
}
