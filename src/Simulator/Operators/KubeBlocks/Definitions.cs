using System.Text.Json.Nodes;
using Rollcall.Simulator.Databases.Redis;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>A resolved pair: what to run, and with which image per container.</summary>
internal sealed record Release(KubeObject Definition, string ServiceVersion, IReadOnlyDictionary<string, string> Images);

/// <summary>
/// What ComponentDefinitions and ComponentVersions offer. A requested definition may be a prefix: the lexically greatest match that
/// supports the version wins; an empty version means the latest compatible one.
/// </summary>
internal sealed class Definitions(ObjectCache<KubeObject> definitions, ObjectCache<KubeObject> versions)
{
    /// <summary>The release, or a sentence why there is none.</summary>
    public (Release? Release, string? Problem) Resolve(string definition, string serviceVersion)
    {
        var matches = definitions.All
            .Where(d => d.Metadata.Name == definition || d.Metadata.Name.StartsWith(definition, StringComparison.Ordinal))
            .OrderByDescending(d => d.Metadata.Name == definition).ThenByDescending(d => d.Metadata.Name, StringComparer.Ordinal).ToList();
        if (matches.Count == 0)
            return (null, $"no matched component definition found: {definition}");
        foreach (var match in matches)
        {
            if (match.Status.Text("phase") is not "Available" || match.Status.Long("observedGeneration") != (match.Metadata.Generation ?? 1))
                return (null, $"the ComponentDefinition {match.Metadata.Name} is not available or not observed yet");
            var releases = ReleasesOf(match.Metadata.Name);
            var found = serviceVersion.Length == 0
                ? releases.OrderByDescending(r => r.Text("serviceVersion"), VersionOrder.Instance).FirstOrDefault()
                : releases.FirstOrDefault(r => r.Text("serviceVersion") == serviceVersion);
            if (found is not null)
            {
                var images = found.Child("images").ToDictionary(i => i.Key, i => i.Value!.GetValue<string>(), StringComparer.Ordinal);
                return (new(match, found.Text("serviceVersion"), images), null);
            }
        }
        return (null, $"no matched component version found for {definition} with service version \"{serviceVersion}\"");
    }

    private List<JsonObject> ReleasesOf(string definition) =>
    [
        .. from version in versions.All
           where version.Status.Text("phase") is "Available"
           from rule in version.Spec.Objects("compatibilityRules")
           where rule.Strings("compDefs").Any(d => definition == d || definition.StartsWith(d, StringComparison.Ordinal))
           from release in version.Spec.Objects("releases")
           where rule.Strings("releases").Contains(release.Text("name"))
           select release,
    ];
}

/// <summary>Orders release numbers by their parts; a suffix such as -rc1 comes before the release itself.</summary>
internal sealed class VersionOrder : IComparer<string>
{
    public static VersionOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Parts(x), Parts(y));
        for (var i = 0; i < Math.Max(left.Length, right.Length); i++)
        {
            var order = left.ElementAtOrDefault(i).CompareTo(right.ElementAtOrDefault(i));
            if (order != 0)
                return order;
        }
        return string.CompareOrdinal(y, x);
    }

    private static int[] Parts(string? version) => [.. (version ?? "").Split('-')[0].Split('.').Select(ReleaseNumber.Major)];
}
