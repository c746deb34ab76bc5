namespace Rollcall.Engine.Documents;

/// <summary>From a JSON pointer to the line of the text: semantic errors, found long after reading, still name their line.</summary>
internal sealed class LineIndex
{
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

    private LineIndex()
    {
    }

    public static LineIndex Of(string text)
    {
        var index = new LineIndex();
        if (DocParser.Parse(text, new DocErrors()) is { } root)
            index.Walk(root, "", root.Line);
        return index;
    }

    /// <summary>The line of the pointer or of its nearest ancestor in the text; 0 for a text that is no document.</summary>
    public int Find(string pointer)
    {
        while (!_lines.ContainsKey(pointer) && pointer.Length > 0)
            pointer = Pointer.Parent(pointer);
        return _lines.GetValueOrDefault(pointer);
    }

    private void Walk(DocNode node, string path, int line)
    {
        _lines[path] = line;
        switch (node)
        {
            case DocMap map:
                foreach (var entry in map.Entries)
                    Walk(entry.Value, Pointer.Child(path, entry.Key), entry.Line);
                break;
            case DocList list:
                for (var i = 0; i < list.Items.Length; i++)
                    Walk(list.Items[i], Pointer.Child(path, i), list.Items[i].Line);
                break;
        }
    }
}
