using System.Text;
using System.Text.RegularExpressions;

namespace Rollcall.Web.Model.Composing;

/// <summary>
/// Comments out of one text into another that says about the same, so that a change in the form does not cost them. A comment belongs to its line, or to the next one when it stands alone; items of lists are told by
/// their <c>name</c> or <c>component</c>, so that a stage that moves takes its comments along. Where a line is gone, so is its comment.
/// </summary>
public static partial class YamlComments
{
    public static bool Any(string text) => Read(text).Any(l => l.Before.Count > 0 || l.Behind.Length > 0);

    /// <returns><paramref name="to"/> with what it can carry of the comments of <paramref name="from"/>; the document in it stays the same.</returns>
    public static string Carry(string from, string to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var old = Read(from);
        if (!old.Any(l => l.Before.Count > 0 || l.Behind.Length > 0))
            return to;
        var (known, byName, byPlace) = (old.Select(l => l.Named).ToHashSet(StringComparer.Ordinal), First(old, l => l.Named), First(old, l => l.Placed));
        var text = new StringBuilder();
        foreach (var line in Read(to))
        {
            // What got another name stands where it stood: nothing else has its old place and a name that was not there.
            var source = byName.GetValueOrDefault(line.Named) ?? (known.Contains(line.Named) ? null : byPlace.GetValueOrDefault(line.Placed));
            foreach (var comment in source?.Before ?? [])
                text.Append(line.Text.AsSpan(0, line.Text.Length - line.Text.TrimStart().Length)).Append(comment).Append('\n');
            text.Append(line.Text);
            // After a line that opens a block text the rest of the line is the text's own header; a comment may still stand there.
            if (source is { Behind.Length: > 0 })
                text.Append(' ').Append(source.Behind);
            text.Append('\n');
        }
        return text.ToString(0, Math.Max(0, text.Length - 1));
    }

    private static Dictionary<string, Line> First(IEnumerable<Line> lines, Func<Line, string> key) =>
        lines.GroupBy(key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);

    private static List<Line> Read(string text)
    {
        var lines = new List<Line>();
        var open = new Stack<Segment>();
        var waiting = new List<string>();
        var block = int.MaxValue;
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.TrimEnd('\r');
            var content = line.TrimStart();
            var column = line.Length - content.Length;
            if (content.Length > 0 && column <= block)
                block = int.MaxValue;
            if (content.Length > 0 && block == int.MaxValue && content[0] == '#')
            {
                waiting.Add(content.TrimEnd());
                continue;
            }
            var (said, behind) = block == int.MaxValue ? Split(line) : (line, "");
            var path = content.Length == 0 || block != int.MaxValue ? null : Place(open, said);
            lines.Add(new Line(said, path, content.Length == 0 ? [] : [.. waiting], behind, lines.Count));
            if (content.Length > 0)
                waiting.Clear();
            if (path is not null && BlockText().IsMatch(said))
                block = column;
        }
        // What stands last belongs to the end, which is a line without text.
        if (lines.Count > 0 && lines[^1].Text.Length == 0)
            lines[^1] = lines[^1] with { Before = [.. waiting], Number = Line.End };
        else if (waiting.Count > 0)
            lines.Add(new Line("", null, [.. waiting], "", Line.End));
        return lines;
    }

    private static Segment[] Place(Stack<Segment> open, string line)
    {
        var at = line.Length - line.TrimStart().Length;
        while (at < line.Length && Token().Match(line[at..]) is { Success: true } token)
        {
            var dash = token.Groups["dash"].Success;
            while (open.TryPeek(out var top) && (top.Column > at || (top.Column == at && (top.Dash || !dash))))
            {
                open.Pop();
                if (dash && top.Dash && top.Column == at)
                {
                    open.Push(new Segment(at, true, top.Index + 1, ""));
                    break;
                }
            }
            if (dash && !(open.TryPeek(out var mine) && mine.Dash && mine.Column == at))
                open.Push(new Segment(at, true, 0, ""));
            if (!dash)
            {
                var key = token.Groups["key"].Value.Trim('"', '\'');
                if (key is "name" or "component" && open.TryPeek(out var item) && item.Dash)
                    item.Name(key, line[(at + token.Length)..].Trim());
                open.Push(new Segment(at, false, 0, key));
            }
            at += token.Length;
            if (!dash)
                break;
            if (Flow().Match(line[at..]) is { Success: true } flow && open.TryPeek(out var inline))
                inline.Name(flow.Groups["key"].Value, flow.Groups["value"].Value);
        }
        return [.. open.Reverse()];
    }

    /// <summary>The line without its comment, and the comment.</summary>
    private static (string Line, string Comment) Split(string line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quote != '\0')
            {
                if ((c == '\\' && quote == '"') || (c == '\'' && quote == c && i + 1 < line.Length && line[i + 1] == c))
                    i++;
                else if (c == quote)
                    quote = '\0';
            }
            else if (c is '"' or '\'' && (i == 0 || line[i - 1] is ' ' or '[' or '{' or ','))
            {
                quote = c;
            }
            else if (c == '#' && i > 0 && char.IsWhiteSpace(line[i - 1]))
            {
                return (line[..i].TrimEnd(), line[i..].TrimEnd());
            }
        }
        return (line, "");
    }

    /// <summary>A key, or an item of a list: by its place, and by its name once a line has said it.</summary>
    private sealed class Segment(int column, bool dash, int index, string key)
    {
        private string? _name;
        private bool _byName;

        public int Column => column;
        public bool Dash => dash;
        public int Index => index;
        public string Placed => dash ? $"[{index}]" : key;
        public string Named => dash ? $"[{_name ?? $"{index}"}]" : key;

        public void Name(string by, string value)
        {
            if (value.Length == 0 || (_name is not null && (_byName || by != "name")))
                return;
            (_name, _byName) = ($"{by}={value.Trim('"', '\'')}", by == "name");
        }
    }

    /// <param name="Path">Null for blank lines and inside of block texts.</param>
    private sealed record Line(string Text, Segment[]? Path, List<string> Before, string Behind, int Number)
    {
        public const int End = -1;

        public string Named => Key(s => s.Named);
        public string Placed => Key(s => s.Placed);

        /// <summary>A line that begins an item stands for the item, whichever of its keys comes first.</summary>
        private string Key(Func<Segment, string> part) =>
            Path is null ? $"#{Number}" : string.Join('/', (Text.TrimStart().StartsWith('-') ? Path.Take(Array.FindLastIndex(Path, s => s.Dash) + 1) : Path).Select(part));
    }

    [GeneratedRegex("""^(?:(?<dash>-(?: +|$))|(?<key>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s#:'"\[\]{},-][^\s#:\[\]{},]*) *:(?: +|$))""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();

    [GeneratedRegex("""^\{.*?\b(?<key>name|component): *(?<value>[^,}\s]+)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Flow();

    [GeneratedRegex("""(:|-) *[|>][+-]?[0-9]?[+-]? *$""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BlockText();
}
