using Rollcall.Engine.Documents;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>Errors of meaning: found by pointer, shown with the line of the text.</summary>
internal sealed class PlanErrors(string text)
{
    private readonly DocErrors _errors = new();
    private readonly Lazy<LineIndex> _lines = new(() => LineIndex.Of(text));

    public bool Any => _errors.Any;

    public void Add(string pointer, string message, params ReadOnlySpan<string> allowed) => _errors.Add(pointer, _lines.Value.Find(pointer), message, allowed);

    public Refusal ToRefusal() => _errors.ToRefusal("The plan does not fit the cluster");
}
