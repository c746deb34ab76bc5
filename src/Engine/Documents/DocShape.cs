using System.Collections.Immutable;

namespace Rollcall.Engine.Documents;

/// <summary>Which keys an object may have. The published JSON Schema has the same, and a test holds them together.</summary>
/// <param name="What">As a message says it: "a stage".</param>
/// <param name="Definition">Name under <c>$defs</c> of the schema; empty for the document itself.</param>
internal sealed record DocShape(string What, string Definition, ImmutableArray<string> Keys)
{
    /// <summary>Words of the plan's language on which this build does not act yet, with what to do instead. They are refused by name: nothing is silently accepted.</summary>
    public ImmutableDictionary<string, string> NotActedOn { get; init; } = ImmutableDictionary<string, string>.Empty;
}
