using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Documents;

/// <summary>Everything that is wrong with one document, in the order of its lines. All of it is collected, so that nobody mends a document one error at a time.</summary>
internal sealed class DocErrors
{
    /// <summary>More than this helps nobody and would make the answer large.</summary>
    private const int Most = 100;

    private readonly List<SpecError> _errors = [];

    public bool Any => _errors.Count > 0;

    public int Count => _errors.Count;

    public void Add(string path, int line, string message, params ReadOnlySpan<string> allowed)
    {
        if (_errors.Count < Most)
            _errors.Add(new SpecError(path, line, message, [.. allowed]));
    }

    public ImmutableArray<SpecError> ToImmutable() => [.. _errors.OrderBy(e => e.Line)];

    /// <summary>One refusal with all errors; its message names the first, because some readers show nothing else.</summary>
    public Refusal ToRefusal(string what)
    {
        var errors = ToImmutable();
        var first = errors[0];
        var at = first.Line > 0 ? $"line {first.Line}: " : "";
        var more = errors.Length > 1 ? $" ({errors.Length - 1} more)" : "";
        return new Refusal(RefusalKind.Invalid, $"{what}: {at}{first.Message}{more}") { Errors = errors };
    }
}
