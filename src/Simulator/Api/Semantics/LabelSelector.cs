using System.Text.Json.Nodes;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Semantics;

/// <summary>A conjunction of requirements on labels, in the query's notation (<c>a=b,c!=d,e in (x,y),f,!g</c>) or as an object.</summary>
internal sealed class LabelSelector
{
    private readonly List<Requirement> _requirements = [];

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
    }

    public bool IsEmpty => _requirements.Count == 0;

    public bool Matches(IReadOnlyDictionary<string, string> labels) => _requirements.TrueForAll(r => r.Matches(labels));

    public static LabelSelector Parse(string text)
    {
        var selector = new LabelSelector();
        foreach (var term in Terms(text))
            selector._requirements.Add(ParseTerm(term));
        return selector;
    }

    /// <summary>A metav1.LabelSelector. An empty one matches everything.</summary>
    public static LabelSelector From(JsonNode? node)
    {
        var selector = new LabelSelector();
        foreach (var (key, value) in node.At("matchLabels").StringMap())
            selector._requirements.Add(new(key, Operator.In, [value]));
        foreach (var expression in node.At("matchExpressions").Objects())
        {
            if (!Enum.TryParse<Operator>(expression.Text("operator"), out var op))
                throw StatusException.BadRequest($"\"{expression.Text("operator")}\" is not a valid label selector operator");
            selector._requirements.Add(new(expression.Text("key") ?? "", op, [.. expression.At("values").Texts()]));
        }

        return selector;
    }

    // Commas separate terms, except inside the parentheses of a set.
    private static IEnumerable<string> Terms(string text)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] != ',')
            {
                depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
                continue;
            }

            if (i < text.Length && depth > 0)
                continue;
            var term = text[start..i].Trim();
            start = i + 1;
            if (term.Length > 0)
                yield return term;
        }

        if (depth != 0)
            throw StatusException.BadRequest($"unable to parse requirement: unbalanced parentheses in \"{text}\"");
    }

    private static Requirement ParseTerm(string term)
    {
        if (term[0] == '!')
            return new(term[1..].Trim(), Operator.DoesNotExist, []);
        if (term[^1] == ')')
        {
            var open = term.IndexOf('(', StringComparison.Ordinal);
            var head = term[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (head is not [var key, "in" or "notin"])
                throw StatusException.BadRequest($"unable to parse requirement: \"{term}\"");
            return new(key, head[1] == "in" ? Operator.In : Operator.NotIn, [.. term[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries)]);
        }

        var at = term.IndexOf('=', StringComparison.Ordinal);
        if (at < 0)
            return term.Contains(' ', StringComparison.Ordinal) ? throw StatusException.BadRequest($"unable to parse requirement: \"{term}\"") : new(term, Operator.Exists, []);
        var value = term[(at + 1)..].TrimStart('=').Trim();
        return at > 0 && term[at - 1] == '!'
            ? new(term[..(at - 1)].Trim(), Operator.NotIn, [value])
            : new(term[..at].Trim(), Operator.In, [value]);
    }

    private sealed record Requirement(string Key, Operator Operator, HashSet<string> Values)
    {
        // A label that is missing satisfies NotIn, as documented for Kubernetes' selectors.
        public bool Matches(IReadOnlyDictionary<string, string> labels)
        {
            var present = labels.TryGetValue(Key, out var value);
            return Operator switch
            {
                Operator.In => present && Values.Contains(value!),
                Operator.NotIn => !present || !Values.Contains(value!),
                Operator.Exists => present,
                _ => !present,
            };
        }
    }
}
