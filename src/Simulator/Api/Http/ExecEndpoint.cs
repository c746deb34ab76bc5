using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Http;

/// <summary>
/// pods/exec over WebSocket: every message begins with a channel byte (0 stdin, 1 stdout, 2 stderr, 3 the final Status).
/// v5 differs from v4 only in how stdin is closed, which nothing here depends on.
/// </summary>
internal sealed class ExecEndpoint(Registry registry)
{
    private const byte Stdout = 1;
    private const byte Stderr = 2;
    private const byte Error = 3;
    private const int ChunkSize = 32 * 1024;

    private static readonly string[] Protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

    public IExecHandler? Handler { get; set; }

    public async Task ServeAsync(HttpContext http, ResourceRequest request)
    {
        var query = http.Request.Query;
        var pod = registry.Get(ResourceCatalog.Pods, request.Key).Parse();
        var container = FindContainer(pod, query["container"]);
        var command = query["command"].OfType<string>().ToList();
        if (command.Count == 0)
            throw StatusException.BadRequest("you must specify at least one command for the container");
        if (!http.WebSockets.IsWebSocketRequest)
            throw StatusException.BadRequest("Upgrade request required");
        var protocol = Protocols.FirstOrDefault(http.WebSockets.WebSocketRequestedProtocols.Contains)
            ?? throw new StatusException(403, "Forbidden", $"unable to upgrade: unable to negotiate protocol: client supports [{string.Join(' ', http.WebSockets.WebSocketRequestedProtocols)}], server accepts [{string.Join(' ', Protocols)}]");

        using var socket = await http.WebSockets.AcceptWebSocketAsync(protocol);
        using var hungUp = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var reading = ReadUntilClosedAsync(socket, hungUp);
        var (wantsOut, wantsErr) = (ResourceRequest.IsTrue(http.Request, "stdout"), ResourceRequest.IsTrue(http.Request, "stderr"));
        try
        {
            // An empty first message tells the client that the command has begun.
            if (wantsOut || wantsErr)
                await SendAsync(socket, wantsOut ? Stdout : Stderr, [], hungUp.Token);
            var (result, failure) = await RunAsync(new(request.Key.Namespace, request.Key.Name, container, command), hungUp.Token);
            if (wantsOut)
                await SendTextAsync(socket, Stdout, result.Stdout, hungUp.Token);
            if (wantsErr)
                await SendTextAsync(socket, Stderr, result.Stderr, hungUp.Token);
            await SendAsync(socket, Error, Encoding.UTF8.GetBytes((failure ?? ExitStatus(result.ExitCode)).ToJsonString(JsonAccess.Compact)), hungUp.Token);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, hungUp.Token);
            await reading;
        }
        catch (Exception e) when (hungUp.IsCancellationRequested && e is OperationCanceledException or WebSocketException)
        {
            // The client does not want the rest.
        }
    }

    private async Task<(ExecResult Result, JsonObject? Failure)> RunAsync(ExecRequest request, CancellationToken ct)
    {
        if (Handler is null)
            return (new(1, "", ""), Failure("InternalError", "no exec handler is set on the simulated API server"));
        try
        {
            return (await Handler.ExecAsync(request, ct), null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // As a container runtime that fails: the client gets it as the command's status.
            return (new(1, "", ""), Failure("InternalError", $"error executing command in container: {e.Message}"));
        }
    }

    private static string FindContainer(JsonObject pod, string? asked)
    {
        var name = pod.Text("metadata", "name");
        var containers = pod.At("spec", "containers").Objects().Select(c => c.Text("name") ?? "").ToList();
        var container = asked switch
        {
            null or "" when containers.Count == 1 => containers[0],
            null or "" => throw StatusException.BadRequest($"a container name must be specified for pod {name}, choose one of: [{string.Join(' ', containers)}]"),
            _ when containers.Contains(asked) || pod.At("spec", "initContainers").Objects().Any(c => c.Text("name") == asked) => asked,
            _ => throw StatusException.BadRequest($"container {asked} is not valid for pod {name}"),
        };
        if (string.IsNullOrEmpty(pod.Text("spec", "nodeName")))
            throw StatusException.BadRequest($"pod {name} does not have a host assigned");
        var status = pod.At("status", "containerStatuses").Objects().Concat(pod.At("status", "initContainerStatuses").Objects()).FirstOrDefault(s => s.Text("name") == container);
        return status.At("state", "running") is not null ? container : throw StatusException.BadRequest($"unable to upgrade connection: container not found (\"{container}\")");
    }

    private static JsonObject ExitStatus(int exitCode)
    {
        var status = new JsonObject { ["metadata"] = new JsonObject() };
        if (exitCode == 0)
        {
            status["status"] = "Success";
            return status;
        }

        var code = exitCode.ToString(CultureInfo.InvariantCulture);
        status["status"] = "Failure";
        status["message"] = $"command terminated with non-zero exit code: exit status {code}";
        status["reason"] = "NonZeroExitCode";
        status["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = code }) };
        return status;
    }

    private static JsonObject Failure(string reason, string message) =>
        new() { ["metadata"] = new JsonObject(), ["status"] = "Failure", ["message"] = message, ["reason"] = reason, ["code"] = 500 };

    private static async Task SendTextAsync(WebSocket socket, byte channel, string text, CancellationToken ct)
    {
        foreach (var chunk in Encoding.UTF8.GetBytes(text).Chunk(ChunkSize))
            await SendAsync(socket, channel, chunk, ct);
    }

    private static Task SendAsync(WebSocket socket, byte channel, byte[] payload, CancellationToken ct) =>
        socket.SendAsync((byte[])[channel, .. payload], WebSocketMessageType.Binary, endOfMessage: true, ct);

    // What comes in is stdin, which no simulated command reads; but a closed socket ends the command.
    private static async Task ReadUntilClosedAsync(WebSocket socket, CancellationTokenSource hungUp)
    {
        var buffer = new byte[1024];
        try
        {
            while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
            {
                var message = await socket.ReceiveAsync(buffer, hungUp.Token);
                if (message.MessageType == WebSocketMessageType.Close)
                    break;
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The same end, less politely.
        }

        await hungUp.CancelAsync();
    }
}
