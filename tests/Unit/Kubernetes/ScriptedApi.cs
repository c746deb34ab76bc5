using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Kubernetes.Api;

namespace Rollcall.Unit.Kubernetes;

/// <summary>An HTTP server that answers each request by the next line of a script: how a test makes an API server misbehave in exactly one way.</summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _script = new();
    private readonly Channel<string> _requests = Channel.CreateUnbounded<string>();

    private ScriptedApi(WebApplication app) => _app = app;

    public KubernetesConnection Connection { get; private set; } = null!;

    public static async Task<ScriptedApi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var api = new ScriptedApi(app);
        app.Run(api.AnswerAsync);
        await app.StartAsync();
        var url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        api.Connection = new KubernetesConnection(new KubernetesClientConfiguration { Host = url }, TimeProvider.System);
        return api;
    }

    /// <summary>The next request that arrived, as path and query.</summary>
    public async Task<string> NextAsync() => await _requests.Reader.ReadAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);

    public ScriptedApi Answer(int code, string body, string? retryAfter = null)
    {
        _script.Enqueue(async context =>
        {
            context.Response.StatusCode = code;
            context.Response.ContentType = "application/json";
            if (retryAfter is not null)
                context.Response.Headers.RetryAfter = retryAfter;
            await context.Response.WriteAsync(body);
        });
        return this;
    }

    public ScriptedApi List(string version, string? next, params string[] items) => Answer(200,
        $$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"{{version}}"{{(next is null ? "" : $",\"continue\":\"{next}\"")}}},"items":[{{string.Join(",", items)}}]}""");

    public ScriptedApi Refuse(int code, string reason) => Answer(code, Status(code, reason));

    /// <summary>A watch that says these lines and then ends, or stays open and silent until the client leaves.</summary>
    public ScriptedApi Watch(bool stayOpen, params string[] lines) => WatchRaw(stayOpen, string.Concat(lines.Select(l => l + "\n")));

    public ScriptedApi WatchRaw(bool stayOpen, string text)
    {
        _script.Enqueue(async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
            await context.Response.Body.FlushAsync();
            if (!stayOpen)
                return;
            var left = new TaskCompletionSource();
            await using var registration = context.RequestAborted.Register(left.SetResult);
            await left.Task;
        });
        return this;
    }

    public static string Pod(string name, string version) => $$"""{"metadata":{"namespace":"demo","name":"{{name}}","uid":"u-{{name}}","resourceVersion":"{{version}}"} }""";

    public static string Line(string type, string item) => $$"""{"type":"{{type}}","object":{{item}} }""";

    public static string Bookmark(string version) => Line("BOOKMARK", $$"""{"kind":"Pod","metadata":{"resourceVersion":"{{version}}"} }""");

    public static string Status(int code, string reason) => $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{{reason}}","message":"{{reason}} said the server","code":{{code}} }""";

    public async ValueTask DisposeAsync()
    {
        Connection.Dispose();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        _requests.Writer.TryWrite(context.Request.Path + context.Request.QueryString);
        if (_script.TryDequeue(out var answer))
            await answer(context);
        else
            await WatchForever(context);
    }

    private static async Task WatchForever(HttpContext context)
    {
        await context.Response.Body.FlushAsync();
        var left = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(left.SetResult);
        await left.Task;
    }
}
