using System.Collections.Immutable;

namespace Rollcall.Engine.Documents;

/// <summary>One node of a YAML or JSON document that remembers the line it was written on (1-based).</summary>
internal abstract record DocNode(int Line)
{
    /// <summary>As a message says it: "a list".</summary>
    public abstract string What { get; }

    /// <summary>Nodes below and including this one with aliases expanded; what a traversal costs.</summary>
    public abstract int Weight { get; }
}

/// <param name="Plain">Written without quotes, so that <c>null</c> and <c>true</c> mean something.</param>
internal sealed record DocScalar(string Text, bool Plain, int Line) : DocNode(Line)
{
    public bool Null => Plain && Text is "" or "~" or "null" or "Null" or "NULL";
    public override string What => Null ? "nothing" : $"the text '{(Text.Length <= 40 ? Text : Text[..40] + "…")}'";
    public override int Weight => 1;
}

internal sealed record DocList(ImmutableArray<DocNode> Items, int Line) : DocNode(Line)
{
    public override string What => "a list";
    public override int Weight { get; } = 1 + Items.Sum(i => i.Weight);
}

internal sealed record DocMap(ImmutableArray<DocEntry> Entries, int Line) : DocNode(Line)
{
    public override string What => "an object";
    public override int Weight { get; } = 1 + Entries.Sum(e => 1 + e.Value.Weight);

    public DocEntry? Find(string key)
    {
        foreach (var entry in Entries)
            if (entry.Key == key)
                return entry;
        return null;
    }
}

internal sealed record DocEntry(string Key, int Line, DocNode Value);
