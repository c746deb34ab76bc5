using Rollcall.Engine.Kubernetes.Probing;
using Rollcall.Engine.Profiles;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

public sealed class PodHttpTests
{
    private static readonly ProbeSpec Probe = new() { Command = [], Http = new HttpProbe(8008, "/patroni?full=1", false), Tool = "patroni", Reader = "json", Role = "role" };

    private static async Task<(ExecOutcome Outcome, string Asked)> AskAsync(int code, string body, ProbeSpec? probe = null)
    {
        await using var api = await ScriptedApi.StartAsync();
        api.Answer(code, body);
        var outcome = await new PodExec(api.Connection, TimeProvider.System).AskAsync("demo", "orders-0", "", probe ?? Probe, TestContext.Current.CancellationToken);
        return (outcome, await api.NextAsync());
    }

    [Fact]
    public async Task Ask_GoesThroughTheProxyToThisPod()
    {
        var (outcome, asked) = await AskAsync(200, """{"role":"replica"}""");

        Assert.True(outcome.Succeeded);
        Assert.Equal("""{"role":"replica"}""", outcome.Output);
        Assert.EndsWith("/api/v1/namespaces/demo/pods/orders-0:8008/proxy/patroni?full=1", asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_OverHttps_NamesTheScheme() =>
        Assert.Contains("/pods/https:orders-0:8008/proxy/", (await AskAsync(200, "{}", Probe with { Http = Probe.Http! with { Https = true } })).Asked, StringComparison.Ordinal);

    [Fact]
    public async Task Ask_AnsweredByTheMemberWithAnError_IsNoAnswerButCanBeAskedAgain()
    {
        var (outcome, _) = await AskAsync(503, "not now");

        Assert.False(outcome.Succeeded);
        Assert.False(outcome.CannotRun);
        Assert.Equal("HTTP 503 on port 8008", outcome.Why);
    }

    [Fact]
    public async Task Ask_ThatIsNotPermitted_CannotRun()
    {
        var (outcome, _) = await AskAsync(403, """{"kind":"Status","message":"pods \"orders-0\" is forbidden: cannot get resource \"pods/proxy\""}""");

        Assert.True(outcome.CannotRun);
        Assert.Contains("pods/proxy", outcome.Why, StringComparison.Ordinal);
    }
}
