using YamlDotNet.Core;
using YamlDotNet.Core.Tokens;
using YamlDotNet.RepresentationModel;

namespace Rollcall.Web.Model.Composing;

/// <summary>
/// Comments out of one text into another that says about the same, so that a change in the form does not cost them. A comment belongs to its line, or to the next one when it stands alone; items of lists are told by
/// their <c>name</c> or <c>component</c>, so that a stage that moves takes its comments along. Where a line is gone, so is its comment.
/// </summary>
public static class YamlComments
{
    public static bool Any(string text) => Comments(text).Count > 0;

    /// <returns><paramref name="to"/> with what it can carry of the comments of <paramref name="from"/>; the document in it stays the same.</returns>
    public static string Carry(string from, string to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var comments = Comments(from);
        if (comments.Count == 0 || Places(from) is not { } old || Places(to) is not { } now)
            return to;
        var lines = to.Split('\n').ToList();
        var behind = comments.Where(c => c.Inline).ToLookup(c => old.LastOrDefault(p => p.Line <= c.Line), c => c.Text);
        var before = comments.Where(c => !c.Inline).ToLookup(c => old.FirstOrDefault(p => p.Line > c.Line), c => c.Text);
        foreach (var place in now.AsEnumerable().Reverse())
        {
            if (Source(place, old, now) is not { } source)
                continue;
            var at = place.Line - 1;
            var indent = lines[at][..(lines[at].Length - lines[at].TrimStart().Length)];
            lines[at] = string.Join(' ', behind[source].Prepend(lines[at]));
            lines.InsertRange(at, before[source].Select(text => indent + text));
        }
        // What stands after everything belongs to the end; the text ends with an empty line.
        lines.InsertRange(lines[^1].Length == 0 ? lines.Count - 1 : lines.Count, before[null]);
        return string.Join('\n', lines);
    }

    /// <summary>What has another name now stands where it stood, if neither name is anywhere else.</summary>
    private static Place? Source(Place place, List<Place> old, List<Place> now) =>
        old.Find(p => p.Named == place.Named) ?? old.Find(p => p.Position == place.Position && now.TrueForAll(n => n.Named != p.Named));

    /// <summary>A line on which something begins: a key, or an item of a list. Of several on one line the outermost.</summary>
    /// <param name="Named">Its path, with items by their names.</param>
    /// <param name="Position">Its path, with items by their numbers.</param>
    private sealed record Place(int Line, string Named, string Position);

    private sealed record Comment(int Line, bool Inline, string Text);

    private static List<Comment> Comments(string text)
    {
        var found = new List<Comment>();
        try
        {
            var scanner = new Scanner(new StringReader(text), skipComments: false);
            while (scanner.MoveNext())
            {
                if (scanner.Current is not YamlDotNet.Core.Tokens.Comment comment)
                    continue;
                // The scanner trims; what is commented out keeps its indentation.
                var start = text.IndexOf('#', (int)comment.Start.Index);
                var end = text.IndexOf('\n', start);
                found.Add(new Comment((int)comment.Start.Line, comment.IsInline, (end < 0 ? text[start..] : text[start..end]).TrimEnd()));
            }
        }
        catch (YamlException)
        {
            return found; // half a document, as it is while somebody types: so far it could be read
        }
        return found;
    }

    /// <summary>In the order of the lines; null when the text is no document.</summary>
    private static List<Place>? Places(string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException)
        {
            return null;
        }
        var places = new Dictionary<int, Place>();
        foreach (var document in stream.Documents)
            Walk(document.RootNode, "", "");
        return [.. places.Values.OrderBy(p => p.Line)];

        void Walk(YamlNode node, string named, string position)
        {
            switch (node)
            {
                case YamlMappingNode map:
                    foreach (var (key, value) in map.Children)
                        Note(key, value, $"{named}/{key}", $"{position}/{key}");
                    break;
                case YamlSequenceNode list:
                    for (var i = 0; i < list.Children.Count; i++)
                        Note(list.Children[i], list.Children[i], $"{named}/[{Name(list.Children[i]) ?? $"{i}"}]", $"{position}/[{i}]");
                    break;
            }
        }

        void Note(YamlNode begins, YamlNode value, string named, string position)
        {
            places.TryAdd((int)begins.Start.Line, new Place((int)begins.Start.Line, named, position));
            if (value is not YamlScalarNode)
                Walk(value, named, position);
        }
    }

    private static string? Name(YamlNode item) => item is not YamlMappingNode map ? null
        : map.Children.TryGetValue("name", out var name) ? $"name={name}" : map.Children.TryGetValue("component", out var component) ? $"component={component}" : null;
}
