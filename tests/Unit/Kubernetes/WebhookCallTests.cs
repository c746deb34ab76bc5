using System.Collections.Immutable;
using System.Net;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

public sealed class WebhookCallTests : IDisposable
{
    private static readonly WebhookOptions Options = new() { Secrets = ImmutableDictionary<string, string>.Empty.Add("pager", "s3cret") };

    private readonly Hasty _time = new();
    private readonly Receiver _receiver = new();
    private readonly OutputTail _output = new();

    private async Task<ActResult> CallAsync(WebhookAction webhook, int attempt = 1, WebhookOptions? options = null)
    {
        using var http = new HttpClient(_receiver, disposeHandler: false);
        var act = new ActionAct("redis.all.hook.tell", "redis", "shard-a", "orders-a-0", new ActionSpec { Webhook = webhook }) { Point = HookPoints.AfterInstance, Stage = "all" };
        var context = new ActContext(new ClusterKey("demo", "orders"), "r1", attempt, "me", Make.Redis, Make.Cluster(1));
        return await new WebhookCall(http, options ?? Options, _time).RunAsync(act, context, _output, TestContext.Current.CancellationToken);
    }

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public void Sign_KnownSecretTimeAndBody_IsTheHmacOverTimeAndBody() =>
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac s3cret
        Assert.Equal("t=1700000000,v1=" + Expected("s3cret", "1700000000.{\"a\":1}"), SignedHttp.Sign("s3cret", DateTimeOffset.FromUnixTimeSeconds(1700000000), "{\"a\":1}"));

    private static string Expected(string key, string text)
    {
        // RFC 2104 written out, so that the signature is not checked by the very function that makes it.
        byte[] Pad(byte with) => [.. Enumerable.Range(0, 64).Select(i => (byte)((i < key.Length ? key[i] : 0) ^ with))];
        var inner = System.Security.Cryptography.SHA256.HashData([.. Pad(0x36), .. System.Text.Encoding.UTF8.GetBytes(text)]);
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([.. Pad(0x5c), .. inner]));
    }

    [Fact]
    public async Task Call_ThatIsAnsweredLate_IsSentAgainUnderTheSameKey()
    {
        _receiver.Answers.Enqueue(HttpStatusCode.ServiceUnavailable);
        _receiver.Answers.Enqueue(HttpStatusCode.TooManyRequests);
        _receiver.Answers.Enqueue(HttpStatusCode.OK);

        var result = await CallAsync(new WebhookAction { Url = "https://hooks.example/run", Secret = "pager" });

        Assert.Equal(ActStatus.Accepted, result.Status);
        Assert.Equal(200, result.ExitCode);
        Assert.Equal(3, _receiver.Requests.Count);
        Assert.Single(_receiver.Requests.Select(r => r.Key).Distinct());
        Assert.All(_receiver.Requests, r => Assert.Matches("^t=[0-9]{10},v1=[0-9a-f]{64}$", r.Signature));
        Assert.Equal(3, _receiver.Requests.Select(r => r.Signature).Distinct().Count());
        Assert.Contains("\"instance\":\"orders-a-0\"", _receiver.Requests[0].Body, StringComparison.Ordinal);
        Assert.Contains("503", _output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_AnotherAttempt_HasAnotherKey()
    {
        _receiver.Answers.Enqueue(HttpStatusCode.NotFound);
        _receiver.Answers.Enqueue(HttpStatusCode.OK);

        var first = await CallAsync(new WebhookAction { Url = "https://hooks.example/run" });
        await CallAsync(new WebhookAction { Url = "https://hooks.example/run" }, attempt: 2);

        Assert.Equal(ActStatus.Failed, first.Status);
        Assert.Equal(404, first.ExitCode);
        Assert.Equal(2, _receiver.Requests.Select(r => r.Key).Distinct().Count());
        Assert.All(_receiver.Requests, r => Assert.Equal("", r.Signature));
    }

    [Theory]
    [InlineData("http://hooks.example/run", null, "plain http")]
    [InlineData("https://hooks.example/run", "nobody", "no webhook secret 'nobody'")]
    public async Task Call_ThatMayNotBeMade_IsRefusedAndNothingIsSent(string url, string? secret, string why)
    {
        var result = await CallAsync(new WebhookAction { Url = url, Secret = secret });

        Assert.Equal(ActStatus.Refused, result.Status);
        Assert.Contains(why, result.Reason.Text, StringComparison.Ordinal);
        Assert.Empty(_receiver.Requests);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/run", false)]
    [InlineData("http://hooks.example/run", true)]
    public async Task Call_OverPlainHttp_GoesToThisMachineOrWhereItIsAllowed(string url, bool allowed)
    {
        _receiver.Answers.Enqueue(HttpStatusCode.OK);
        Assert.Equal(ActStatus.Accepted, (await CallAsync(new WebhookAction { Url = url }, options: new WebhookOptions { AllowHttp = allowed })).Status);
    }

    /// <summary>Rests between tries are over at once, time-outs are not; every look at the clock is a second later.</summary>
    private sealed class Hasty : TimeProvider
    {
        private long _looks;

        public override DateTimeOffset GetUtcNow() => Make.Noon.AddSeconds(Interlocked.Increment(ref _looks));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime < TimeSpan.FromSeconds(29) && dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
    }

    private sealed class Receiver : HttpMessageHandler
    {
        public Queue<HttpStatusCode> Answers { get; } = new();
        public List<(string Key, string Signature, string Body)> Requests { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add((request.Headers.GetValues(SignedHttp.KeyHeader).Single(), request.Headers.TryGetValues(SignedHttp.SignatureHeader, out var s) ? s.Single() : "", await request.Content!.ReadAsStringAsync(cancellationToken)));
            return new HttpResponseMessage(Answers.Dequeue()) { Content = new StringContent("said") };
        }
    }
}
