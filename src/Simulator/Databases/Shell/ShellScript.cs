using System.Text;

namespace Rollcall.Simulator.Databases.Shell;

internal enum Joint { Always, IfOk, IfFailed }

/// <summary>One command of a script: its words after quoting, the filters it is piped through, and whether it runs after the one before.</summary>
internal sealed record ShellCommand(Joint Joint, IReadOnlyList<IReadOnlyList<string>> Pipeline);

/// <summary>
/// Enough of a shell's grammar to read what operators put into sh -c: words with quotes, <c>;</c>, newlines, <c>&amp;&amp;</c>, <c>||</c>,
/// pipes, redirections (dropped), variables (<c>$NAME</c>, <c>${NAME:-other}</c>, <c>${NAME:+other}</c>; only those that the script itself sets have a
/// value), and <c>if … fi</c> blocks (dropped: they set passwords from the environment, and there are none here).
/// </summary>
internal static class ShellScript
{
    public static IReadOnlyList<ShellCommand> Parse(string script)
    {
        List<ShellCommand> commands = [];
        List<IReadOnlyList<string>> pipeline = [];
        List<string> words = [];
        var joint = Joint.Always;
        var depth = 0;
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (var (text, isOperator) in Tokens(script, variables).Append((";", true)))
        {
            if (!isOperator)
            {
                if (words.Count == 0 && text is "if" or "fi" && words.Count == 0)
                    depth += text is "if" ? 1 : -1;
                else if (depth == 0)
                    words.Add(text);
                if (words.Count == 1 && text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && text[..at].All(c => char.IsAsciiLetterOrDigit(c) || c is '_'))
                    variables[text[..at]] = text[(at + 1)..];
                continue;
            }
            if (depth > 0)
            {
                words.Clear();
                continue;
            }
            if (words.Count > 0)
                pipeline.Add([.. WithoutRedirections(words)]);
            words.Clear();
            // A line that ends with an operator goes on with the next one.
            if (text is "|" || (pipeline.Count == 0 && text is ";"))
                continue;
            if (pipeline.Count > 0)
                commands.Add(new(joint, [.. pipeline]));
            pipeline.Clear();
            joint = text switch { "&&" => Joint.IfOk, "||" => Joint.IfFailed, _ => Joint.Always };
        }
        return commands;
    }

    private static IEnumerable<string> WithoutRedirections(List<string> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i].TrimStart('0', '1', '2', '&');
            if (word is ">" or ">>" or "<")
                i++;
            else if (!(word.StartsWith('>') || word.StartsWith('<')) || word == words[i] && word.Contains(' ', StringComparison.Ordinal))
                yield return words[i];
        }
    }

    private static IEnumerable<(string Text, bool IsOperator)> Tokens(string script, Dictionary<string, string> variables)
    {
        var word = new StringBuilder();
        var open = false;
        for (var i = 0; i < script.Length; i++)
        {
            var c = script[i];
            switch (c)
            {
                case '\'' or '"':
                    open = true;
                    for (i++; i < script.Length && script[i] != c; i++)
                    {
                        if (c is '"' && script[i] is '$' && Expansion(script, i, variables) is { } inner)
                        {
                            word.Append(inner.Value);
                            i = inner.End;
                            continue;
                        }
                        if (c is '"' && script[i] is '\\' && i + 1 < script.Length && script[i + 1] is '"' or '\\' or '$' or '`')
                            i++;
                        if (i < script.Length)
                            word.Append(script[i]);
                    }
                    break;
                case '$' when Expansion(script, i, variables) is { } expansion:
                    // Without quotes nothing is no word at all.
                    word.Append(expansion.Value);
                    open |= expansion.Value.Length > 0;
                    i = expansion.End;
                    break;
                case '\\' when i + 1 < script.Length:
                    if (script[++i] is not '\n')
                        word.Append(script[i]);
                    open = word.Length > 0;
                    break;
                case '#' when !open:
                    while (i + 1 < script.Length && script[i + 1] is not '\n')
                        i++;
                    break;
                case '&' when word.ToString() is var so && (so.EndsWith('>') || i + 1 < script.Length && script[i + 1] is '>'):
                    word.Append(c);
                    break;
                case ';' or '\n' or '|' or '&' or ' ' or '\t' or '\r':
                    if (open)
                        yield return (word.ToString(), false);
                    word.Clear();
                    open = false;
                    if (c is '|' or '&' && i + 1 < script.Length && script[i + 1] == c)
                        yield return (new string(script[i++], 2), true);
                    else if (c is not (' ' or '\t' or '\r'))
                        yield return (c is '|' ? "|" : ";", true);
                    break;
                default:
                    word.Append(c);
                    open = true;
                    break;
            }
        }
        if (open)
            yield return (word.ToString(), false);
    }

    /// <summary>What stands for the variable at this place, and where it ends; null when it is no variable.</summary>
    private static (string Value, int End)? Expansion(string script, int at, Dictionary<string, string> variables)
    {
        if (at + 1 >= script.Length)
            return null;
        if (script[at + 1] is not '{')
        {
            var end = at + 1;
            while (end < script.Length && (char.IsAsciiLetterOrDigit(script[end]) || script[end] is '_'))
                end++;
            return end == at + 1 || char.IsAsciiDigit(script[at + 1]) ? null : (variables.GetValueOrDefault(script[(at + 1)..end], ""), end - 1);
        }
        var depth = 0;
        var close = at + 1;
        for (; close < script.Length; close++)
        {
            depth += script[close] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
                break;
        }
        if (close >= script.Length)
            return null;
        var inside = script[(at + 2)..close];
        var name = string.Concat(inside.TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c is '_'));
        var value = variables.GetValueOrDefault(name, "");
        var rest = inside[name.Length..].TrimStart(':');
        return rest switch
        {
            ['-' or '=', .. var other] => (value.Length > 0 ? value : Plain(other, variables), close),
            ['+', .. var other] => (value.Length > 0 ? Plain(other, variables) : "", close),
            _ => (value, close),
        };
    }

    private static string Plain(string text, Dictionary<string, string> variables) =>
        string.Join(' ', Tokens(text, variables).Where(t => !t.IsOperator).Select(t => t.Text));
}
