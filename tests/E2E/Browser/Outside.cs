using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Rollcall.E2E.Browser;

/// <summary>What Rollcall asks and tells outside: a metric that holds, and a webhook that takes everything.</summary>
internal sealed class Outside : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Outside(WebApplication app) => _app = app;

    public string Metric => $"{Url}/slo";

    public string Hook => $"{Url}/hook";

    private string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<Outside> StartAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/slo", () => Results.Json(new { ratio = 0.999 }));
        app.MapPost("/hook", () => Results.NoContent());
        await app.StartAsync(ct);
        return new Outside(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
