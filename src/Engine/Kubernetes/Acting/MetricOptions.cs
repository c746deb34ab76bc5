using System.Collections.Immutable;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>Whom analyses ask. <c>Rollcall__Metrics__…</c>; plans only ever name these, and a token goes to its own address only.</summary>
public sealed class MetricOptions
{
    /// <summary>Null: none is configured.</summary>
    public MetricServer? Prometheus { get; set; }

    /// <summary>Servers of JSON answers, by name.</summary>
    public ImmutableDictionary<string, MetricServer> Sources { get; set; } = ImmutableDictionary<string, MetricServer>.Empty;
}

/// <param name="Address">With a path, if it is behind one.</param>
/// <param name="Token">Sent as a bearer token; empty: none. Never shown, never logged.</param>
public sealed record MetricServer(Uri Address, string Token = "");
