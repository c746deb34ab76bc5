using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Semantics;

/// <summary>Which objects of a kind a list or watch is about: namespace, labels and fields.</summary>
internal sealed class Selection
{
    private readonly LabelSelector _labels;
    private readonly List<(string Field, bool Equal, string Value)> _fields = [];

    public Selection(ResourceKind kind, string? ns, string? labelSelector, string? fieldSelector)
    {
        Namespace = ns;
        _labels = LabelSelector.Parse(labelSelector ?? "");
        foreach (var term in (fieldSelector ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            _fields.Add(ParseField(kind, term));
    }

    public string? Namespace { get; }

    /// <summary>True when neither labels nor fields narrow the namespace down.</summary>
    public bool IsWhole => _labels.IsEmpty && _fields.Count == 0;

    public bool Matches(StoredObject item) =>
        (Namespace is null || item.Key.Namespace == Namespace) && _labels.Matches(item.Labels) && _fields.TrueForAll(f => f.Equal == (Value(item, f.Field) == f.Value));

    private static string Value(StoredObject item, string field) => field switch
    {
        "metadata.name" => item.Key.Name,
        "metadata.namespace" => item.Key.Namespace,
        _ => item.Fields.GetValueOrDefault(field, ""),
    };

    private static (string Field, bool Equal, string Value) ParseField(ResourceKind kind, string term)
    {
        var at = term.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0)
            throw StatusException.BadRequest($"invalid selector: '{term}'; can't understand '{term}'");
        var equal = term[at - 1] != '!';
        var field = term[..(equal ? at : at - 1)].Trim();
        if (field is not ("metadata.name" or "metadata.namespace") && !kind.SelectableFields.Contains(field))
            throw StatusException.BadRequest($"field label not supported: {field}");
        return (field, equal, term[(at + 1)..].TrimStart('=').Trim());
    }
}
