using System.Collections.Immutable;

namespace Rollcall.Web.Model;

/// <summary>What the graph says of shards that are picked for a stage.</summary>
/// <param name="Stage">Number of the stage that is picked for, from 1; null: none was chosen.</param>
/// <param name="Lanes">component/shard → index of its words. A shard that is not in it is not touched by the plan.</param>
/// <param name="Closed">Components whose shards this stage may not take.</param>
public sealed record GraphPick(int? Stage, string Name, ImmutableArray<GraphPickWords> Words, ImmutableSortedDictionary<string, int> Lanes, ImmutableArray<string> Closed)
{
    public bool Equals(GraphPick? other) => other is not null && Stage == other.Stage && Name == other.Name && Words.SequenceEqual(other.Words) && Closed.SequenceEqual(other.Closed) && Lanes.SequenceEqual(other.Lanes);
    public override int GetHashCode() => HashCode.Combine(Stage, Name, Words.Length, Lanes.Count);
}

/// <summary>Many shards share their words; they travel once.</summary>
/// <param name="Text">As it is drawn, beside the numbers of the stages.</param>
/// <param name="Label">As it is read out.</param>
/// <param name="Tone">bad where the plan would be refused for it.</param>
public sealed record GraphPickWords(string Text, string Label, string? Tone, ImmutableArray<int> Stages)
{
    public bool Equals(GraphPickWords? other) => other is not null && Text == other.Text && Label == other.Label && Tone == other.Tone && Stages.SequenceEqual(other.Stages);
    public override int GetHashCode() => HashCode.Combine(Text, Label, Tone);
}

/// <param name="Lanes">component/shard.</param>
/// <param name="On">Into the stage; else out of it.</param>
public sealed record GraphPicked(ImmutableArray<string> Lanes, bool On);
