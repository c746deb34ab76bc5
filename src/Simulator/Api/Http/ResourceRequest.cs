using Microsoft.AspNetCore.Http;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Http;

/// <summary>What a request's path and method say it is about, in the words that access rules and fault rules use.</summary>
internal sealed record ResourceRequest(ResourceKind Kind, string? Namespace, string? Name, string Subresource, string Verb)
{
    public string Resource => Subresource.Length == 0 ? Kind.Plural : $"{Kind.Plural}/{Subresource}";

    public ObjectKey Key => new(Namespace ?? "", Name ?? "");

    /// <summary>Null when the path is not below an installed <c>/api/VERSION/</c> or <c>/apis/GROUP/VERSION/</c>; refused when it is, but names nothing.</summary>
    public static ResourceRequest? Parse(HttpRequest http, ResourceCatalog catalog)
    {
        var steps = (http.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (group, version, rest) = steps switch
        {
            ["api", var v, .. var r] => ("", v, r),
            ["apis", var g, var v, .. var r] => (g, v, r),
            _ => ("", "", []),
        };
        if (rest.Length == 0)
            return null;
        var (ns, path) = rest switch
        {
            // namespaces/x and its own subresources are about the Namespace object.
            ["namespaces", _, "status" or "finalize"] => ((string?)null, rest),
            ["namespaces", var n, _, ..] => (n, rest[2..]),
            _ => (null, rest),
        };
        var kind = catalog.Find(group, version, path[0]);
        if (kind is null && !catalog.Kinds.Any(k => k.Group == group && k.Version == version))
            return null;
        if (kind is null || path.Length > 3 || (kind.Namespaced && ns is null && path.Length > 1) || (!kind.Namespaced && ns is not null))
            throw StatusException.NoSuchResource();
        var name = path.Length > 1 ? path[1] : null;
        var subresource = path.Length > 2 ? path[2] : "";
        return new(kind, ns, name, subresource, VerbOf(http, name, subresource));
    }

    private static string VerbOf(HttpRequest http, string? name, string subresource) => http.Method switch
    {
        // Since exec over WebSocket is a GET, Kubernetes asks for create here: reading must not run commands.
        "GET" when subresource == "exec" => "create",
        "GET" when IsTrue(http, "watch") => "watch",
        "GET" => name is null ? "list" : "get",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => name is null ? "deletecollection" : "delete",
        _ => throw MethodNotAllowed(),
    };

    public static StatusException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", new());

    public static bool IsTrue(HttpRequest http, string parameter) => http.Query[parameter].ToString() is "true" or "1";
}
