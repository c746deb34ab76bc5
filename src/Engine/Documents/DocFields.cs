using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Rollcall.Engine.Documents;

/// <summary>
/// Reads the fields of one object by kind and range. Whatever is wrong goes to the errors, with its line and what would be allowed, and a harmless value comes back so that reading goes on.
/// </summary>
internal sealed class DocFields
{
    private readonly DocMap _map;
    private readonly DocErrors _errors;
    private readonly DocShape _shape;

    private DocFields(DocMap map, string path, int line, DocShape shape, DocErrors errors)
    {
        (_map, Path, Line, _shape, _errors) = (map, path, line, shape, errors);
        foreach (var entry in map.Entries)
        {
            if (shape.Keys.Contains(entry.Key))
                continue;
            if (shape.NotActedOn.TryGetValue(entry.Key, out var instead))
                errors.Add(Pointer.Child(path, entry.Key), entry.Line, $"'{entry.Key}' is not acted on by this build, so it is refused rather than ignored. {instead}", shape.Keys.AsSpan());
            else
                errors.Add(Pointer.Child(path, entry.Key), entry.Line, $"{shape.What} has no key '{entry.Key}'.", shape.Keys.AsSpan());
        }
    }

    public string Path { get; }

    /// <summary>Where the object begins: at its key if it has one.</summary>
    public int Line { get; }

    public static DocFields? Of(DocNode node, string path, DocShape shape, DocErrors errors, int? line = null)
    {
        if (node is DocMap map)
            return new DocFields(map, path, line ?? map.Line, shape, errors);
        errors.Add(path, node.Line, $"{shape.What} must be an object with keys, not {node.What}.", shape.Keys.AsSpan());
        return null;
    }

    public bool Has(string key) => Entry(key) is not null;

    /// <summary>The line of a key, or of the object where the key is missing.</summary>
    public int LineOf(string key) => Entry(key)?.Line ?? Line;

    public string PathOf(string key) => Pointer.Child(Path, key);

    public void Error(string key, string message, params ReadOnlySpan<string> allowed) => _errors.Add(PathOf(key), LineOf(key), message, allowed);

    /// <summary>The value, or null when it is missing (an error where required) or null (always an error: an empty value says nothing).</summary>
    public DocNode? Node(string key, bool required = false)
    {
        var entry = Entry(key);
        if (entry is null)
        {
            if (required)
                _errors.Add(PathOf(key), Line, $"{_shape.What} needs '{key}'.", key);
            return null;
        }
        if (entry.Value is not DocScalar { Null: true })
            return entry.Value;
        _errors.Add(PathOf(key), entry.Line, $"'{key}' has no value; give one or leave the key out.");
        return null;
    }

    public DocFields? Object(string key, DocShape shape, bool required = false) => Node(key, required) is { } node ? Of(node, PathOf(key), shape, _errors, LineOf(key)) : null;

    /// <summary>Items with their pointers; null when the key is missing.</summary>
    public ImmutableArray<(DocNode Node, string Path)>? List(string key, bool required = false, string? whenEmpty = null)
    {
        if (Node(key, required) is not { } node)
            return null;
        if (node is not DocList list)
        {
            Error(key, $"'{key}' must be a list, not {node.What}.");
            return null;
        }
        if (list.Items.IsEmpty && whenEmpty is not null)
            Error(key, whenEmpty, "at least one entry");
        return [.. list.Items.Select((item, i) => (item, Pointer.Child(PathOf(key), i)))];
    }

    public string? Text(string key, bool required = false, int longest = 4096)
    {
        if (Node(key, required) is not { } node)
            return null;
        if (Scalar(node, PathOf(key)) is not { } text)
            return null;
        if (text.Length <= longest && text.Trim().Length > 0)
            return text;
        Error(key, text.Length > longest ? $"'{key}' is longer than {longest} characters." : $"'{key}' is blank.");
        return null;
    }

    public string? Matching(string key, Regex form, string what, bool required = false) => Text(key, required) is { } text ? Checked(text, PathOf(key), LineOf(key), form, what) : null;

    public string? OneOf(string key, ReadOnlySpan<string> allowed, bool required = false)
    {
        if (Text(key, required) is not { } text)
            return null;
        if (allowed.Contains(text))
            return text;
        Error(key, $"'{text}' is not a value of '{key}'.", allowed);
        return null;
    }

    public bool? Bool(string key)
    {
        if (Text(key) is not { } text)
            return null;
        if (text is "true" or "false")
            return text == "true";
        Error(key, $"'{key}' must be true or false, not '{text}'.", "true", "false");
        return null;
    }

    public long? Whole(string key, long least, long most, bool required = false)
    {
        if (Text(key, required) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        Error(key, $"'{key}' must be a whole number from {least} to {most}, not '{text}'.", $"{least} to {most}");
        return null;
    }

    public int? Int(string key, int least, int most, bool required = false) => (int?)Whole(key, least, most, required);

    public double? Number(string key, double above, double most)
    {
        if (Text(key) is not { } text)
            return null;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value > above && value <= most)
            return value;
        var range = string.Create(CultureInfo.InvariantCulture, $"above {above} and up to {most}");
        Error(key, $"'{key}' must be a number {range}, not '{text}'.", range);
        return null;
    }

    /// <summary>Any number, also negative or with an exponent; both ends included.</summary>
    public double? Real(string key, double least, double most)
    {
        if (Text(key) is not { } text)
            return null;
        if (double.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        var range = string.Create(CultureInfo.InvariantCulture, $"{least} to {most}");
        Error(key, $"'{key}' must be a number from {range}, not '{text}'.", range);
        return null;
    }

    /// <summary>From <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    public TimeSpan? Duration(string key, TimeSpan least, TimeSpan most)
    {
        if (Text(key) is not { } text)
            return null;
        var range = $"{Durations.Write(least)} to {Durations.Write(most)}";
        if (!Durations.TryParse(text, out var value))
            Error(key, $"'{key}' must be {Durations.Form}, not '{text}'.", range);
        else if (value < least || value > most)
            Error(key, $"'{key}' must be from {range.Replace(" to ", " up to ", StringComparison.Ordinal)}, not {text}.", range);
        else
            return value;
        return null;
    }

    public ImmutableArray<string> Texts(string key, bool required = false, Regex? form = null, string what = "", string? whenEmpty = null, bool distinct = true)
    {
        if (List(key, required, whenEmpty) is not { } items)
            return [];
        var texts = ImmutableArray.CreateBuilder<string>();
        foreach (var (node, path) in items)
        {
            if (Scalar(node, path) is not { } text)
                continue;
            if (form is not null && Checked(text, path, node.Line, form, what) is null)
                continue;
            if (distinct && texts.Contains(text))
                _errors.Add(path, node.Line, $"'{text}' is in '{key}' twice.");
            else
                texts.Add(text);
        }
        return texts.ToImmutable();
    }

    /// <summary>An object whose keys are the author's own (container → image).</summary>
    public ImmutableSortedDictionary<string, string> Pairs(string key, string? whenEmpty = null)
    {
        var pairs = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (Node(key) is not { } node)
            return pairs.ToImmutable();
        if (node is not DocMap map)
        {
            Error(key, $"'{key}' must be an object, not {node.What}.");
            return pairs.ToImmutable();
        }
        if (map.Entries.IsEmpty && whenEmpty is not null)
            Error(key, whenEmpty, "at least one entry");
        foreach (var entry in map.Entries)
            if (Scalar(entry.Value, Pointer.Child(PathOf(key), entry.Key)) is { } text)
                pairs[entry.Key] = text;
        return pairs.ToImmutable();
    }

    private string? Scalar(DocNode node, string path)
    {
        if (node is DocScalar { Null: false } scalar)
            return scalar.Text;
        _errors.Add(path, node.Line, $"Here belongs a single value, not {node.What}.");
        return null;
    }

    private string? Checked(string text, string path, int line, Regex form, string what)
    {
        if (text.Length <= 253 && form.IsMatch(text))
            return text;
        _errors.Add(path, line, $"'{(text.Length <= 80 ? text : text[..80] + "…")}' is not {what}.", what);
        return null;
    }

    private DocEntry? Entry(string key)
    {
        System.Diagnostics.Debug.Assert(_shape.Keys.Contains(key), $"'{key}' is read but not in the shape of {_shape.What}");
        return _map.Find(key);
    }
}
