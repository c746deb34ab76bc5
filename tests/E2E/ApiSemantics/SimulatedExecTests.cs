using System.Net;
using System.Text;
using k8s;
using k8s.Models;
using Rollcall.Simulator.Api;
using Xunit;

namespace Rollcall.E2E.ApiSemantics;

/// <summary>Exec, which on a real cluster needs a node: here answered by a handler in the test.</summary>
public sealed class SimulatedExecTests : IAsyncLifetime
{
    private SimulatedApiServer _server = null!;
    private Kubernetes _client = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await SimulatedApiServer.StartAsync(new(), TimeProvider.System, Ct);
        _client = SimulatedApi.Connect(_server);
        await CreatePodAsync("db-0", running: true);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("v4.channel.k8s.io")]
    [InlineData("v5.channel.k8s.io")]
    public async Task Exec_Command_ReachesTheHandlerAndItsOutputComesBack(string protocol)
    {
        var handler = new FakeHandler(_ => new(0, "role:master\r\n", "warning"));
        _server.SetExecHandler(handler);
        var (stdout, stderr, status) = await ExecAsync("db-0", "db", protocol, "redis-cli", "INFO", "replication");
        Assert.Equal(("role:master\r\n", "warning", "Success"), (stdout, stderr, status.Status));
        var request = Assert.Single(handler.Requests);
        Assert.Equal(("demo", "db-0", "db"), (request.Namespace, request.Pod, request.Container));
        Assert.Equal(["redis-cli", "INFO", "replication"], request.Command);
    }

    [Fact]
    public async Task Exec_FailingCommand_TellsItsExitCode()
    {
        _server.SetExecHandler(new FakeHandler(_ => new(137, "", "killed")));
        var exitCode = await _client.NamespacedPodExecAsync("db-0", "demo", "db", ["sh"], tty: false, async (_, stdout, stderr) =>
        {
            Assert.Equal("killed", await new StreamReader(stderr).ReadToEndAsync(Ct));
        }, Ct);
        Assert.Equal(137, exitCode);
    }

    [Fact]
    public async Task Exec_LargeOutput_ArrivesWhole()
    {
        var text = string.Concat(Enumerable.Range(0, 50_000).Select(i => $"line {i} ä\n"));
        _server.SetExecHandler(new FakeHandler(_ => new(0, text, "")));
        var (stdout, _, _) = await ExecAsync("db-0", "db", "v4.channel.k8s.io", "cat");
        Assert.Equal(text, stdout);
    }

    [Fact]
    public async Task Exec_HandlerThrows_IsTheCommandsFailure()
    {
        _server.SetExecHandler(new FakeHandler(_ => throw new InvalidOperationException("no such process")));
        var (_, _, status) = await ExecAsync("db-0", "db", "v4.channel.k8s.io", "sh");
        Assert.Equal(("Failure", "InternalError"), (status.Status, status.Reason));
        Assert.Contains("no such process", status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exec_ClientHangsUp_EndsTheHandler()
    {
        var started = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        _server.SetExecHandler(new FakeHandler(async (_, ct) =>
        {
            started.SetResult();
            using var registration = ct.Register(() => ended.SetResult());
            await ended.Task;
            ct.ThrowIfCancellationRequested();
            return new(0, "", "");
        }));
        var socket = await _client.WebSocketNamespacedPodExecAsync("db-0", "demo", ["sleep", "9"], "db", tty: false, cancellationToken: Ct);
        await started.Task.WaitAsync(TimeSpan.FromMinutes(2), Ct);
        socket.Abort();
        await ended.Task.WaitAsync(TimeSpan.FromMinutes(2), Ct);
    }

    [Fact]
    public async Task Exec_WhatDoesNotRun_IsRefused()
    {
        _server.SetExecHandler(new FakeHandler(_ => new(0, "", "")));
        await CreatePodAsync("db-1", running: false);
        Assert.Equal(HttpStatusCode.NotFound, await RefusalAsync("db-9", "db"));
        Assert.Equal(HttpStatusCode.BadRequest, await RefusalAsync("db-0", "no-such-container"));
        Assert.Equal(HttpStatusCode.BadRequest, await RefusalAsync("db-1", "db"));
    }

    private async Task<(string Stdout, string Stderr, V1Status Status)> ExecAsync(string pod, string container, string protocol, params string[] command)
    {
        using var socket = await _client.WebSocketNamespacedPodExecAsync(pod, "demo", command, container, tty: false, webSocketSubProtocol: protocol, cancellationToken: Ct);
        using var demuxer = new StreamDemuxer(socket);
        demuxer.Start();
        using var stdout = new StreamReader(demuxer.GetStream(ChannelIndex.StdOut, null), Encoding.UTF8);
        using var stderr = new StreamReader(demuxer.GetStream(ChannelIndex.StdErr, null), Encoding.UTF8);
        using var error = new StreamReader(demuxer.GetStream(ChannelIndex.Error, null), Encoding.UTF8);
        var all = await Task.WhenAll(stdout.ReadToEndAsync(Ct), stderr.ReadToEndAsync(Ct), error.ReadToEndAsync(Ct)).WaitAsync(TimeSpan.FromMinutes(2), Ct);
        return (all[0], all[1], KubernetesJson.Deserialize<V1Status>(all[2]));
    }

    private async Task<HttpStatusCode> RefusalAsync(string pod, string container)
    {
        // By way of the client it is a WebSocketException that hides the Status.
        using var http = SimulatedApi.ConnectPlain(_server);
        using var answer = await http.GetAsync($"/api/v1/namespaces/demo/pods/{pod}/exec?container={container}&command=sh&stdout=true", Ct);
        Assert.Equal("Failure", KubernetesJson.Deserialize<V1Status>(await answer.Content.ReadAsStringAsync(Ct)).Status);
        return answer.StatusCode;
    }

    private async Task CreatePodAsync(string name, bool running)
    {
        if (running)
            await _client.CoreV1.CreateNamespaceAsync(new() { Metadata = new() { Name = "demo" } }, cancellationToken: Ct);
        await _client.CoreV1.CreateNamespacedPodAsync(new() { Metadata = new() { Name = name }, Spec = new() { NodeName = "node-0", Containers = [new() { Name = "db", Image = "db:1" }] } }, "demo", cancellationToken: Ct);
        var state = running ? "running" : "waiting";
        var status = $$$$"""{"status":{"phase":"Running","containerStatuses":[{"name":"db","image":"db:1","imageID":"","ready":true,"restartCount":0,"state":{"{{{{state}}}}":{}}}]}}""";
        await _client.CoreV1.PatchNamespacedPodStatusAsync(new(status, V1Patch.PatchType.MergePatch), name, "demo", cancellationToken: Ct);
    }

    private sealed class FakeHandler(Func<ExecRequest, CancellationToken, Task<ExecResult>> run) : IExecHandler
    {
        public FakeHandler(Func<ExecRequest, ExecResult> run)
            : this((request, _) => Task.FromResult(run(request)))
        {
        }

        public List<ExecRequest> Requests { get; } = [];

        public Task<ExecResult> ExecAsync(ExecRequest request, CancellationToken ct)
        {
            Requests.Add(request);
            return run(request, ct);
        }
    }
}
