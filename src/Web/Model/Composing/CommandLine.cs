using System.Text;

namespace Rollcall.Web.Model.Composing;

/// <summary>A command as one line of words, the way a shell would read it: quotes keep words together, a backslash the next character. Nothing is expanded.</summary>
public static class CommandLine
{
    public static IReadOnlyList<string> Split(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var (words, word, quote, any) = (new List<string>(), new StringBuilder(), '\0', false);
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quote == '\'' ? c == '\'' : quote == '"' && c == '"')
            {
                quote = '\0';
            }
            else if (quote == '\0' && c is '\'' or '"' && quote == '\0')
            {
                (quote, any) = (c, true);
            }
            else if (c == '\\' && quote != '\'' && i + 1 < line.Length)
            {
                (word, any) = (word.Append(line[++i]), true);
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (any)
                    words.Add(word.ToString());
                (any, _) = (false, word.Clear());
            }
            else
            {
                (word, any) = (word.Append(c), true);
            }
        }
        if (any)
            words.Add(word.ToString());
        return words;
    }

    /// <summary>The line that splits into these words again.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    private static string Quote(string word) =>
        word.Length > 0 && word.All(c => !char.IsWhiteSpace(c) && c is not ('\'' or '"' or '\\')) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
