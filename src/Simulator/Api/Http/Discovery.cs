using System.Text.Json.Nodes;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Http;

/// <summary>The documents by which clients learn what is served.</summary>
internal sealed class Discovery(ResourceCatalog catalog)
{
    private const string Authorization = "authorization.k8s.io";
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>The document of a path, or null.</summary>
    public JsonObject? Find(string path) => path.Trim('/').Split('/') switch
    {
        ["version"] => Version(),
        ["api"] => new() { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") },
        ["apis"] => Groups(),
        ["api", "v1"] => Resources("", "v1"),
        ["apis", var group] => Groups()["groups"].Objects().FirstOrDefault(g => g.Text("name") == group)?.DeepClone() is JsonObject one
            ? new JsonObject(one.Prepend(KeyValuePair.Create("apiVersion", (JsonNode?)"v1")).Prepend(KeyValuePair.Create("kind", (JsonNode?)"APIGroup")).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())))
            : null,
        ["apis", var group, var version] => Resources(group, version),
        _ => null,
    };

    private static JsonObject Version() => new()
    {
        ["major"] = "1", ["minor"] = "36", ["gitVersion"] = "v1.36.0+rollcall", ["gitCommit"] = "", ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z", ["goVersion"] = "", ["compiler"] = "", ["platform"] = "linux/amd64",
    };

    private JsonObject Groups()
    {
        var groups = new JsonArray();
        foreach (var group in catalog.Kinds.Where(k => k.Group.Length > 0).GroupBy(k => k.Group, StringComparer.Ordinal))
            groups.Add(Group(group.Key, [.. group.Select(k => k.Version).Distinct(StringComparer.Ordinal)]));
        groups.Add(Group(Authorization, ["v1"]));
        return new() { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = groups };
    }

    private static JsonObject Group(string name, IReadOnlyList<string> versions) => new()
    {
        ["name"] = name,
        ["versions"] = new JsonArray([.. versions.Select(v => GroupVersion(name, v))]),
        ["preferredVersion"] = GroupVersion(name, versions[0]),
    };

    private static JsonObject GroupVersion(string group, string version) => new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private JsonObject? Resources(string group, string version)
    {
        var resources = new JsonArray();
        foreach (var kind in catalog.Kinds.Where(k => k.Group == group && k.Version == version))
        {
            resources.Add(Resource(kind.Plural, kind, kind.Kind, Verbs));
            if (kind.HasStatus)
                resources.Add(Resource(kind.Plural + "/status", kind, kind.Kind, ["get", "patch", "update"]));
            if (kind != ResourceCatalog.Pods)
                continue;
            resources.Add(Resource("pods/binding", kind, "Binding", ["create"]));
            resources.Add(Resource("pods/exec", kind, "PodExecOptions", ["create", "get"]));
            var eviction = Resource("pods/eviction", kind, "Eviction", ["create"]);
            eviction["group"] = "policy";
            eviction["version"] = "v1";
            resources.Add(eviction);
        }

        if (group == Authorization && version == "v1")
        {
            resources.Add(new JsonObject
            {
                ["name"] = "selfsubjectaccessreviews", ["singularName"] = "", ["namespaced"] = false, ["kind"] = "SelfSubjectAccessReview", ["verbs"] = new JsonArray("create"),
            });
        }

        return resources.Count == 0
            ? null
            : new() { ["kind"] = "APIResourceList", ["apiVersion"] = "v1", ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}", ["resources"] = resources };
    }

    private static JsonObject Resource(string name, ResourceKind kind, string kindName, string[] verbs)
    {
        var resource = new JsonObject
        {
            ["name"] = name, ["singularName"] = name.Contains('/', StringComparison.Ordinal) ? "" : kind.Kind.ToLowerInvariant(), ["namespaced"] = kind.Namespaced, ["kind"] = kindName,
            ["verbs"] = new JsonArray([.. verbs.Select(v => (JsonNode)v)]),
        };
        if (kind.ShortNames.Count > 0 && name == kind.Plural)
            resource["shortNames"] = new JsonArray([.. kind.ShortNames.Select(v => (JsonNode)v)]);
        return resource;
    }
}
