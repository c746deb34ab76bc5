using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using MudBlazor;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Controls;

/// <summary>What panels with a form have in common: they act as who sits here, and show each refusal beside its field.</summary>
public abstract class DeskPanel : LiveComponent
{
    [Inject] public required CallerAccessor Callers { get; init; }
    [Inject] public required IDialogService Dialogs { get; init; }

    [Parameter, EditorRequired] public required Caller Caller { get; set; }

    protected CommandDesk Desk { get; } = new();

    /// <summary>For <c>aria-invalid</c>.</summary>
    protected string? Wrong(string path) => At(path) is null ? null : "true";

    /// <summary>What is wrong with the field, under it.</summary>
    protected RenderFragment Problem(string path) => (RenderTreeBuilder builder) =>
    {
        if (At(path) is not { } error)
            return;
        builder.OpenElement(0, "span");
        builder.AddAttribute(1, "class", "wrong");
        builder.AddContent(2, error.Allowed.IsDefaultOrEmpty ? error.Message : $"{error.Message} Allowed: {string.Join(", ", error.Allowed)}.");
        builder.CloseElement();
    };

    private SpecError? At(string path) => Desk.Refusal is { Errors: { IsDefault: false } errors } ? errors.FirstOrDefault(e => e.Path == path) : null;
}
