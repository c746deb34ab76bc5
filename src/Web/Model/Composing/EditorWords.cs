using System.Collections.Immutable;
using Rollcall.Engine.Execution;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Composing;

/// <summary>A value that the editor proposes although no schema knows it.</summary>
/// <param name="When">Only beside these values in the same mapping.</param>
public sealed record EditorWord(string Text, string Detail = "", ImmutableDictionary<string, string>? When = null);

/// <summary>Something to be shown at a line of the document.</summary>
/// <param name="Line">1-based.</param>
/// <param name="Severity">error, warning or info.</param>
public sealed record EditorMark(int Line, string Severity, string Message);

/// <summary>What the cluster knows and the schema cannot: its components, their versions, its shards. By path in the document, <c>[]</c> for an item.</summary>
public static class EditorWords
{
    public static ImmutableDictionary<string, ImmutableArray<EditorWord>> Of(ComposeDraft draft)
    {
        ArgumentNullException.ThrowIfNull(draft);
        var (cluster, components) = (draft.Cluster, draft.Cluster.Components);
        var names = components.Select(c => new EditorWord(c.Name, $"runs {c.Version}")).ToImmutableArray();
        return new Dictionary<string, ImmutableArray<EditorWord>>(StringComparer.Ordinal)
        {
            ["metadata/namespace"] = [new EditorWord(cluster.Namespace)],
            ["spec/target/name"] = [new EditorWord(cluster.Name)],
            ["spec/changes/[]/component"] = names,
            ["spec/changes/[]/serviceVersion"] = [.. components.SelectMany(c => c.AvailableVersions.Select(v => new EditorWord(v, $"{c.Name} runs {c.Version}", ImmutableDictionary<string, string>.Empty.Add("component", c.Name))))],
            ["spec/stages/[]/component"] = names,
            ["spec/stages/[]/shards/names/[]"] = [.. draft.Shards.Distinct(StringComparer.Ordinal).Select(s => new EditorWord(s))],
        }.ToImmutableDictionary(StringComparer.Ordinal);
    }
}
