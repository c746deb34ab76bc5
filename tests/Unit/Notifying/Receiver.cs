using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Rollcall.Unit.Notifying;

/// <summary>A receiver as people would write one, on a free port of loopback: real HTTP, so that headers and bodies are those that really arrive.</summary>
public sealed class LoopbackReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackReceiver(WebApplication app) => _app = app;

    public sealed record Arrived(string Key, string Signature, string ContentType, string Body);

    public ConcurrentQueue<Arrived> Requests { get; } = new();

    /// <summary>What it answers, in turn; afterwards 204.</summary>
    public ConcurrentQueue<(int Status, string? RetryAfter, string Body)> Answers { get; } = new();

    /// <summary>Called when a request has arrived, before it is answered.</summary>
    public Func<Arrived, Task> Arriving { get; set; } = _ => Task.CompletedTask;

    public Uri Url { get; private set; } = null!;

    public static async Task<LoopbackReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new LoopbackReceiver(app);
        app.MapPost("/hook/{token}", receiver.TakeAsync);
        app.MapFallback(string () => throw new InvalidOperationException("A redirect was followed, or the address was wrong."));
        await app.StartAsync();
        receiver.Url = new Uri(new Uri(app.Urls.First()), "/hook/geheim");
        return receiver;
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var arrived = new Arrived(context.Request.Headers["Idempotency-Key"].ToString(), context.Request.Headers["Rollcall-Signature"].ToString(), context.Request.ContentType ?? "", await reader.ReadToEndAsync());
        Requests.Enqueue(arrived);
        await Arriving(arrived);
        var (status, after, body) = Answers.TryDequeue(out var answer) ? answer : ((int)HttpStatusCode.NoContent, null, "");
        context.Response.StatusCode = status;
        if (after is not null)
            context.Response.Headers.RetryAfter = after;
        if (status is >= 300 and < 400)
            context.Response.Headers.Location = "/elsewhere";
        if (body.Length > 0)
            await context.Response.WriteAsync(body);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
