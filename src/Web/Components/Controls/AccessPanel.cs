using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Components.Controls;

/// <summary>What the panels about people, accounts and tokens have in common: they follow who may come in.</summary>
public abstract class AccessPanel : DeskPanel
{
    [Inject] public required AccessStore Access { get; init; }

    protected override Func<CancellationToken, Task> Mark()
    {
        var version = Access.Version;
        return ct => Access.WhenAfterAsync(version, ct);
    }

    /// <summary>What a person writes with commas between.</summary>
    protected static ImmutableArray<string> Parts(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
    }
}
