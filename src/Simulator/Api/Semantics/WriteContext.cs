namespace Rollcall.Simulator.Api.Semantics;

/// <summary>Who writes, how, and whether it counts.</summary>
/// <param name="Manager">The field manager: the query's <c>fieldManager</c>, else the user agent's first word.</param>
/// <param name="Subresource">"" for the object itself, or <c>status</c>.</param>
internal sealed record WriteContext(string Manager, string Subresource = "", bool DryRun = false)
{
    /// <summary>The API server's own controllers.</summary>
    public static WriteContext Internal { get; } = new("kube-controller-manager");

    /// <summary>Server-side apply keeps its entry apart from plain updates by the same manager.</summary>
    public bool IsApply { get; init; }
}

/// <summary>metav1.DeleteOptions.</summary>
internal sealed record DeleteOptions
{
    public long? GracePeriodSeconds { get; init; }

    /// <summary>Background, Foreground, Orphan, or null for the kind's default.</summary>
    public string? Propagation { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public bool DryRun { get; init; }
}
