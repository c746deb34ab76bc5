using System.Collections.Immutable;
using Rollcall.Engine.Kubernetes.Acting;

namespace Rollcall.Web.Configuration;

/// <summary>Whom the analyses of plans ask: <c>Rollcall__Metrics__Prometheus__Address</c>, <c>Rollcall__Metrics__Sources__NAME__Address</c>, each with a <c>__Token</c> if it wants one.</summary>
public sealed class MetricSettings
{
    public MetricServerSettings Prometheus { get; set; } = new();

    /// <summary>Servers of JSON answers, by the name that plans use.</summary>
    public Dictionary<string, MetricServerSettings> Sources { get; } = new(StringComparer.Ordinal);

    public IEnumerable<string> Problems() =>
        Prometheus.Problems("Rollcall__Metrics__Prometheus", mayBeEmpty: true).Concat(Sources.SelectMany(s => s.Value.Problems($"Rollcall__Metrics__Sources__{s.Key}", mayBeEmpty: false)));

    public MetricOptions ToOptions() => new()
    {
        Prometheus = Prometheus.Address.Length == 0 ? null : Prometheus.ToServer(),
        Sources = Sources.ToImmutableDictionary(s => s.Key, s => s.Value.ToServer(), StringComparer.Ordinal),
    };
}

public sealed class MetricServerSettings
{
    /// <summary>http or https, with the path it is behind.</summary>
    public string Address { get; set; } = "";

    /// <summary>Sent as a bearer token. Never shown, never logged.</summary>
    public string Token { get; set; } = "";

    public IEnumerable<string> Problems(string key, bool mayBeEmpty)
    {
        if (Address.Length == 0 && mayBeEmpty && Token.Length == 0)
            yield break;
        if (!(Uri.TryCreate(Address, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address is { UserInfo.Length: 0, Query.Length: 0 }))
            yield return $"{key}__Address must be an http or https address without a query; \"{Address}\" is not.";
        else if (Token.Length > 0 && address.Scheme == "http" && !address.IsLoopback)
            yield return $"{key}__Token would go to {address.Host} in the clear; give an https address.";
    }

    public MetricServer ToServer() => new(new Uri(Address), Token);
}
