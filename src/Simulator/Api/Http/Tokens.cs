using Microsoft.AspNetCore.Http;

namespace Rollcall.Simulator.Api.Http;

/// <summary>Who asks. Faults and missing permissions are meant for clients; the simulated operators go on behind them as a cluster's own would.</summary>
internal enum Caller
{
    Client,
    ControlPlane,
}

/// <summary>The bearer tokens that the server accepts.</summary>
internal sealed record Tokens(string Client, string ControlPlane)
{
    public Caller? CallerOf(HttpRequest request) => request.Headers.Authorization.ToString() switch
    {
        var header when header == $"Bearer {Client}" => Caller.Client,
        var header when header == $"Bearer {ControlPlane}" => Caller.ControlPlane,
        _ => null,
    };
}
