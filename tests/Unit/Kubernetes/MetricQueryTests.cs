using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

/// <summary>Metrics asked of a real server on this machine.</summary>
public sealed class MetricQueryTests : IDisposable
{
    private readonly HttpListener _server = new();
    private readonly Uri _address;
    private readonly List<(string Line, string Body, string? Authorization)> _asked = [];
    private readonly Queue<(int Status, string Body)> _answers = new();
    private readonly Task _serving;

    public MetricQueryTests()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            _address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/prom/");
            free.Stop();
        }
        _server.Prefixes.Add($"http://127.0.0.1:{_address.Port}/");
        _server.Start();
        _serving = Task.Run(ServeAsync);
    }

    public void Dispose()
    {
        _server.Close();
        _serving.GetAwaiter().GetResult();
    }

    private async Task ServeAsync()
    {
        try
        {
            for (;;)
            {
                var context = await _server.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                _asked.Add(($"{context.Request.HttpMethod} {context.Request.RawUrl}", await reader.ReadToEndAsync(), context.Request.Headers["Authorization"]));
                var (status, body) = _answers.Dequeue();
                context.Response.StatusCode = status;
                if (status is 302)
                    context.Response.RedirectLocation = body;
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            Assert.False(_server.IsListening);
        }
    }

    private void Answer(string body, int status = 200) => _answers.Enqueue((status, body));

    private static string Vector(params string[] values) => $"{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{string.Join(',', values.Select(v => $"{{\"metric\":{{}},\"value\":[1700000000.1,\"{v}\"]}}"))}]}}}}";

    private async Task<ActResult> AskAsync(MetricAction metric, MetricOptions? options = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var act = new ActionAct("a", "redis", null, null, new ActionSpec { Metric = metric, Timeout = TimeSpan.FromSeconds(30) });
        options ??= new MetricOptions { Prometheus = new MetricServer(_address, "s3cret"), Sources = ImmutableDictionary<string, MetricServer>.Empty.Add("app", new MetricServer(new Uri(_address, "/api"), "t0ken")) };
        return await new MetricQuery(http, options, new WebhookOptions(), TimeProvider.System).RunAsync(act, new OutputTail(), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(false, null, "No Prometheus is configured here; set Rollcall__Metrics__Prometheus__Address.")]
    [InlineData(true, null, null)]
    [InlineData(false, "app", null)]
    [InlineData(false, "", null)]
    [InlineData(false, "shop", "Rollcall's configuration has no metric source 'shop'; set Rollcall__Metrics__Sources__shop__Address.")]
    public void Unmeasurable_SaysWhatIsNotConfigured(bool prometheus, string? source, string? said)
    {
        using var http = new HttpClient();
        var options = new MetricOptions { Prometheus = prometheus ? new MetricServer(_address) : null, Sources = ImmutableDictionary<string, MetricServer>.Empty.Add("app", new MetricServer(_address)) };
        var analysis = source is null ? new AnalysisSpec { Name = "p99", Prometheus = "x" } : new AnalysisSpec { Name = "p99", Json = new JsonMetric { Url = "/x", Path = "$", Source = source.Length > 0 ? source : null } };

        Assert.Equal(said, new MetricQuery(http, options, new WebhookOptions(), TimeProvider.System).Unmeasurable(analysis));
    }

    [Fact]
    public async Task Prometheus_OneSeries_IsItsValueAskedWithTheToken()
    {
        Answer(Vector("0.125"));
        var result = await AskAsync(new MetricAction { Prometheus = "max(x{pod=~\"a|b\"})" });

        Assert.Equal((ActStatus.Accepted, 0.125), (result.Status, result.Measured!.Value));
        Assert.Equal($"127.0.0.1:{_address.Port}", result.Measured.Source);
        var (line, body, authorization) = Assert.Single(_asked);
        Assert.Equal(("POST /prom/api/v1/query", "query=max%28x%7Bpod%3D~%22a%7Cb%22%7D%29", "Bearer s3cret"), (line, body, authorization));
    }

    [Theory]
    [InlineData("{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1700000000,\"1e3\"]}}", 1000.0, "")]
    [InlineData("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}", null, "no data")]
    [InlineData("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}", null, "neither a scalar")]
    [InlineData("{\"status\":\"error\",\"error\":\"parse error\"}", null, "success")]
    [InlineData("<html>", null, "not JSON")]
    public async Task Prometheus_OtherAnswers_AreANumberOrSayWhyNot(string body, double? value, string problem)
    {
        Answer(body);
        var measured = (await AskAsync(new MetricAction { Prometheus = "x" })).Measured!;

        Assert.Equal(value, measured.Value);
        Assert.Contains(problem, measured.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NaN", "no number")]
    [InlineData("+Inf", "no number")]
    public async Task Prometheus_NoNumber_IsInconclusive(string value, string problem)
    {
        Answer(Vector(value));
        Assert.Contains(problem, (await AskAsync(new MetricAction { Prometheus = "x" })).Measured!.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prometheus_ManySeries_IsInconclusiveAndSaysHowMany()
    {
        Answer(Vector("1", "2"));
        var measured = (await AskAsync(new MetricAction { Prometheus = "x" })).Measured!;
        Assert.Equal((null, "The query gives 2 series; it must give one (sum, max …)."), (measured.Value, measured.Problem));
    }

    [Fact]
    public async Task Prometheus_NotConfigured_IsRefusedWithWhatToSet()
    {
        var result = await AskAsync(new MetricAction { Prometheus = "x" }, new MetricOptions());
        Assert.Equal(ActStatus.Refused, result.Status);
        Assert.Contains("Rollcall__Metrics__Prometheus__Address", result.Reason.Text, StringComparison.Ordinal);
        Assert.Empty(_asked);
    }

    [Theory]
    [InlineData("$.data.p99", 0.25)]
    [InlineData("$.data.text", 7.0)]
    [InlineData("$.list[?(@.name == 'b')].value", 2.0)]
    [InlineData("$.data.none", null)]
    [InlineData("$.list[*].value", null)]
    [InlineData("$.data", null)]
    public async Task Json_PathToOneNumber_IsIt(string path, double? value)
    {
        Answer("{\"data\":{\"p99\":0.25,\"text\":\"7\"},\"list\":[{\"name\":\"a\",\"value\":1},{\"name\":\"b\",\"value\":2}]}");
        var result = await AskAsync(new MetricAction { Json = new JsonMetric { Url = $"http://127.0.0.1:{_address.Port}/stats?x=1", Path = path } });

        Assert.Equal(value, result.Measured!.Value);
        Assert.Equal(("GET /stats?x=1", null), (_asked[0].Line, _asked[0].Authorization));
    }

    [Fact]
    public async Task Json_OfASource_IsAskedThereWithItsTokenAndNowhereElse()
    {
        Answer("{\"v\":1}");
        Assert.Equal(1, (await AskAsync(new MetricAction { Json = new JsonMetric { Source = "app", Url = "/v1/stats", Path = "$.v" } })).Measured!.Value);
        Assert.Equal(("GET /api/v1/stats", "Bearer t0ken"), (_asked[0].Line, _asked[0].Authorization));

        foreach (var escape in (string[])["/../secrets", "/%2e%2e/secrets"])
            Assert.Equal(ActStatus.Refused, (await AskAsync(new MetricAction { Json = new JsonMetric { Source = "app", Url = escape, Path = "$.v" } })).Status);
        Assert.Equal(ActStatus.Refused, (await AskAsync(new MetricAction { Json = new JsonMetric { Source = "other", Url = "/v", Path = "$.v" } })).Status);
        Assert.Equal(ActStatus.Refused, (await AskAsync(new MetricAction { Json = new JsonMetric { Url = "http://metrics.example/v", Path = "$.v" } })).Status);
        Assert.Single(_asked);
    }

    [Fact]
    public async Task Json_RedirectErrorOrTooMuch_IsInconclusiveAndNotFollowed()
    {
        Answer("http://127.0.0.1:1/elsewhere", 302);
        Answer("secret words", 500);
        Answer(new string(' ', 1024 * 1024) + "1");
        var metric = new MetricAction { Json = new JsonMetric { Url = $"http://127.0.0.1:{_address.Port}/v", Path = "$" } };
        var told = new[] { await AskAsync(metric), await AskAsync(metric), await AskAsync(metric) };

        Assert.All(told, t => Assert.Null(t.Measured!.Value));
        Assert.Contains("302", told[0].Measured!.Problem, StringComparison.Ordinal);
        Assert.Contains("500", told[1].Measured!.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", told[1].Measured!.Problem, StringComparison.Ordinal);
        Assert.Contains("more than 1024 KiB", told[2].Measured!.Problem, StringComparison.Ordinal);
        Assert.Equal(3, _asked.Count);
    }

    [Theory]
    [InlineData("ratio", "30", "20", 1.5)]
    [InlineData("ratio", "0", "0", 1.0)]
    [InlineData("ratio", "3", "0", null)]
    [InlineData("difference", "3", "5", -2.0)]
    public async Task Siblings_AreAskedTooAndCompared(string how, string updated, string siblings, double? value)
    {
        Answer(Vector(updated));
        Answer(Vector(siblings));
        var measured = (await AskAsync(new MetricAction { Prometheus = "a", SiblingsPrometheus = "b", Compare = how })).Measured!;

        Assert.Equal(value, measured.Value);
        Assert.Equal((double.Parse(updated, System.Globalization.CultureInfo.InvariantCulture), double.Parse(siblings, System.Globalization.CultureInfo.InvariantCulture)), (measured.Updated!.Value, measured.Siblings!.Value));
        Assert.Equal(["query=a", "query=b"], _asked.Select(a => a.Body));
    }

    [Fact]
    public async Task Server_ThatIsGone_IsFailedNotANumber()
    {
        var result = await AskAsync(new MetricAction { Prometheus = "x" }, new MetricOptions { Prometheus = new MetricServer(new Uri("http://127.0.0.1:1/")) });
        Assert.Equal((ActStatus.Failed, null), (result.Status, result.Measured));
    }
}
