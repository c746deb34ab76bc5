using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Rollcall.Engine.Kubernetes.Api;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>
/// Which versions a KubeBlocks component can go to: the releases of every ComponentVersion that has a rule for its present ComponentDefinition, each with the
/// definition that serves it (the present one if it does, else the lexically greatest installed one, as KubeBlocks itself resolves).
/// </summary>
public static class ComponentReleases
{
    /// <returns>version → ComponentDefinition.</returns>
    public static ImmutableDictionary<string, string> For(string definition, IEnumerable<KubeObject> versions, IReadOnlyCollection<KubeObject> definitions)
    {
        ArgumentNullException.ThrowIfNull(versions);
        var found = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (definition.Length == 0)
            return found.ToImmutable();
        var installed = definitions.Where(d => !d.Deleting && Usable(d)).Select(d => d.Name).Order(StringComparer.Ordinal).ToList();
        foreach (var version in versions.Where(v => !v.Deleting && Usable(v)))
        {
            var releases = KubeObject.Items(version.Spec, "releases")
                .Select(r => (Name: KubeObject.Text(r, "name"), Version: KubeObject.Text(r, "serviceVersion")))
                .Where(r => r.Version.Length > 0)
                .ToLookup(r => r.Name, r => r.Version, StringComparer.Ordinal);
            var rules = KubeObject.Items(version.Spec, "compatibilityRules")
                .Select(r => (Definitions: KubeObject.Texts(r, "compDefs").ToList(), Releases: KubeObject.Texts(r, "releases").ToList()))
                .ToList();
            if (!rules.Any(r => r.Definitions.Any(p => Matches(p, definition))))
                continue;
            foreach (var rule in rules)
            {
                var serves = rule.Definitions.Any(p => Matches(p, definition)) ? definition : installed.LastOrDefault(d => rule.Definitions.Any(p => Matches(p, d)));
                if (serves is null)
                    continue;
                foreach (var release in rule.Releases.SelectMany(r => releases[r]))
                    if (!found.TryGetValue(release, out var had) || (had != definition && (serves == definition || string.CompareOrdinal(serves, had) > 0)))
                        found[release] = serves;
            }
        }
        return found.ToImmutable();
    }

    /// <summary>An exact name, a prefix, or a regular expression: KubeBlocks takes all three.</summary>
    public static bool Matches(string pattern, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (pattern.Length == 0)
            return false;
        if (name.StartsWith(pattern, StringComparison.Ordinal))
            return true;
        try
        {
            return Regex.IsMatch(name, pattern, RegexOptions.ExplicitCapture, TimeSpan.FromMilliseconds(50));
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static bool Usable(KubeObject o) => KubeObject.Text(o.Status, "phase") != "Unavailable";
}
