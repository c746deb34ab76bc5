using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Composing;

/// <summary>One component with the version it runs, the versions it could run, and the one wanted (null: it stays).</summary>
public sealed class ComponentChoice(string name, string present, ImmutableArray<string> available)
{
    private ChangeSpec? _original;

    public string Name { get; } = name;
    public string Present { get; } = present;
    /// <summary>Newest first, without the present one.</summary>
    public ImmutableArray<string> Available { get; } = available;
    public string? Wanted { get; private set; }

    /// <summary>A wanted version that is not among the installed ones: it came from the document and must not silently disappear from the choice.</summary>
    public string? Foreign => Wanted is { } wanted && wanted != Present && !Available.Contains(wanted) ? wanted : null;

    /// <summary>The specification asks for the wanted version already, but not every member runs it: the plan finishes what was begun.</summary>
    public bool Finishes => Wanted == Present;

    public void Choose(string? version) => Wanted = string.IsNullOrEmpty(version) ? null : version;

    public void Take(ChangeSpec change)
    {
        _original = change;
        Wanted = change.ServiceVersion ?? "";
    }

    /// <summary>What goes into the document. A definition or images written by hand stay for as long as the version they belong to does.</summary>
    public ChangeSpec? Change() => Wanted switch
    {
        null => null,
        var wanted when _original is { } original && (original.ServiceVersion ?? "") == wanted => original,
        var wanted => new ChangeSpec { Component = Name, ServiceVersion = wanted },
    };
}
