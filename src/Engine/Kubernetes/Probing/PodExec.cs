using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Profiles;

namespace Rollcall.Engine.Kubernetes.Probing;

/// <summary>How a command in a container ended, or why nobody knows.</summary>
/// <param name="ExitCode">Null when the command did not end, or never began.</param>
/// <param name="Failure">Why there is no exit code.</param>
/// <param name="CannotRun">It could not be started at all: forbidden, no kubelet, no such container or program.</param>
public sealed record ExecOutcome(int? ExitCode, string Output, string Errors, string? Failure, bool CannotRun)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>It did not end in time. The container goes on with it: closing the connection stops nothing there.</summary>
    public bool TimedOut { get; init; }

    /// <summary>What to show of a failure: the program's own first words, else ours.</summary>
    public string Why => Failure ?? (FirstLine(Errors) is { Length: > 0 } e ? $"exit code {ExitCode}: {e}" : FirstLine(Output) is { Length: > 0 } o ? $"exit code {ExitCode}: {o}" : $"exit code {ExitCode}");

    private static string FirstLine(string text) => text.AsSpan().Trim() is var t && t.IndexOf('\n') is >= 0 and var end ? t[..end].Trim().ToString() : t.ToString();
}

/// <summary>Runs a command in a container through the API server (WebSocket, v4.channel.k8s.io) to its end, with bounded output and time.</summary>
public sealed class PodExec(KubernetesConnection connection, TimeProvider time)
{
    /// <summary>Bytes kept of each of the two outputs; the rest is read and dropped.</summary>
    public const int OutputLimit = 64 * 1024;

    private const byte Stdout = 1, Stderr = 2, Errors = 3;

    /// <summary>Asks a member as its profile says: over HTTP, or by a command in this container.</summary>
    public Task<ExecOutcome> AskAsync(string ns, string pod, string container, ProbeSpec probe, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(probe);
        return probe.Http is { } http ? PodHttp.GetAsync(connection, time, ns, pod, http, probe.Timeout, ct) : RunAsync(ns, pod, container, probe.Command, probe.Timeout, ct);
    }

    /// <param name="heard">Is told what the command prints, both outputs, as it comes.</param>
    public async Task<ExecOutcome> RunAsync(string ns, string pod, string container, IEnumerable<string> command, TimeSpan timeout, CancellationToken ct, Action<ReadOnlySpan<byte>>? heard = null)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            using var socket = await connection.Client.WebSocketNamespacedPodExecAsync(
                pod, ns, command, container, stderr: true, stdin: false, stdout: true, tty: false, webSocketSubProtocol: WebSocketProtocol.V4BinaryWebsocketProtocol, customHeaders: null, either.Token).ConfigureAwait(false);
            return await ReadAsync(socket, heard, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Failed($"no answer within {timeout.TotalSeconds:0.#} s") with { TimedOut = true };
        }
        catch (HttpOperationException e)
        {
            return Refused(e.Response?.StatusCode ?? 0, Said(e.Response?.Content) ?? e.Message);
        }
        catch (KubernetesException e)
        {
            return Refused((HttpStatusCode)(e.Status?.Code ?? 0), e.Status?.Message ?? e.Message);
        }
        catch (WebSocketException e) when (HandshakeCode(e) is { } code)
        {
            return Refused(code, await ReasonAsync(ns, pod, container, code, ct).ConfigureAwait(false));
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException)
        {
            ct.ThrowIfCancellationRequested();
            return Failed(KubernetesConnection.Innermost(e).Message);
        }
    }

    private static async Task<ExecOutcome> ReadAsync(WebSocket socket, Action<ReadOnlySpan<byte>>? heard, CancellationToken ct)
    {
        var (output, errors, status) = (new Bounded(), new Bounded(), new Bounded());
        var buffer = new byte[16 * 1024];
        byte channel = 0;
        var begins = true;
        while (true)
        {
            var got = await socket.ReceiveAsync(buffer.AsMemory(), ct).ConfigureAwait(false);
            if (got.MessageType == WebSocketMessageType.Close)
                break;
            var data = buffer.AsSpan(0, got.Count);
            if (begins && data.Length > 0)
            {
                // The first byte of every message names its stream.
                channel = data[0];
                data = data[1..];
            }
            begins = got.EndOfMessage;
            if (channel is Stdout or Stderr)
                heard?.Invoke(data);
            (channel switch { Stdout => output, Stderr => errors, Errors => status, _ => null })?.Add(data);
        }
        return Ended(output.Text, errors.Text, status.Text);
    }

    /// <summary>The third stream holds a Status: Success, NonZeroExitCode with the code among its causes, or that the command never ran.</summary>
    private static ExecOutcome Ended(string output, string errors, string said)
    {
        if (said.Length == 0)
            return new ExecOutcome(null, output, errors, "the connection ended before the command did", false);
        JsonElement status;
        try
        {
            using var document = JsonDocument.Parse(said);
            status = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return new ExecOutcome(null, output, errors, said.Trim(), true);
        }
        if (KubeObject.Text(status, "status") == "Success")
            return new ExecOutcome(0, output, errors, null, false);
        var code = KubeObject.Items(status, "details", "causes").FirstOrDefault(c => KubeObject.Text(c, "reason") == "ExitCode");
        return int.TryParse(KubeObject.Text(code, "message"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var exit)
            ? new ExecOutcome(exit, output, errors, null, false)
            : new ExecOutcome(null, output, errors, KubeObject.Text(status, "message"), true);
    }

    /// <summary>The server refused the connection: not permitted, no such Pod or container, no kubelet behind it. Only overload and expired credentials pass by themselves.</summary>
    private static ExecOutcome Refused(HttpStatusCode code, string message) =>
        new(null, "", "", message.Length > 0 ? message : $"HTTP {(int)code}", code is not (0 or HttpStatusCode.TooManyRequests or HttpStatusCode.Unauthorized));

    /// <summary>The handshake's status code. .NET has it in the exception's text alone unless the socket was set up to keep it, which the client library does not.</summary>
    private static HttpStatusCode? HandshakeCode(WebSocketException e)
    {
        if (e.WebSocketErrorCode != WebSocketError.NotAWebSocket)
            return null;
        foreach (var word in e.Message.Split('\''))
            if (word.Length == 3 && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code != (int)HttpStatusCode.SwitchingProtocols)
                return (HttpStatusCode)code;
        return null;
    }

    /// <summary>A refused handshake carries no text; the same request without the upgrade runs nothing and is refused with its reason.</summary>
    private async Task<string> ReasonAsync(string ns, string pod, string container, HttpStatusCode code, CancellationToken ct)
    {
        var answer = await connection.GetAsync($"{KubeKind.Pods.Object(ns, pod)}/exec?container={Uri.EscapeDataString(container)}&command=true&stdout=true", ct).ConfigureAwait(false);
        return answer.Code == code ? answer.Message : $"HTTP {(int)code}";
    }

    private static ExecOutcome Failed(string why) => new(null, "", "", why, false);

    private static string? Said(string? content)
    {
        if (string.IsNullOrEmpty(content))
            return null;
        try
        {
            using var document = JsonDocument.Parse(content);
            return KubeObject.Text(document.RootElement, "message") is { Length: > 0 } message ? message : content;
        }
        catch (JsonException)
        {
            return content;
        }
    }

    private sealed class Bounded
    {
        private readonly List<byte> _bytes = [];

        public string Text => Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes));

        public void Add(ReadOnlySpan<byte> data) => _bytes.AddRange(data[..Math.Min(data.Length, OutputLimit - _bytes.Count)]);
    }
}
