using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Api;
using Rollcall.Web.Auth;
using Xunit;

namespace Rollcall.Unit.Web;

[Collection(nameof(Dashboard))]
public sealed class ApiTests(Dashboard dashboard)
{
    private const string Spec = """
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: notify-up, namespace: demo }
        spec:
          target: { kind: StatefulSetGroup, name: notify }
          changes: [ { component: app, serviceVersion: 2.4.0 } ]
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_IsOpen_AndSaysNothingMore()
    {
        using var client = dashboard.Anonymous();
        Assert.Equal("ok\n", await client.GetStringAsync("/healthz", Ct));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/login")]
    [InlineData("/api/v1/runs")]
    [InlineData("/healthz")]
    [InlineData("/nowhere")]
    [InlineData("/css/tokens.css")]
    public async Task EveryAnswer_HasThePolicy(string path)
    {
        using var client = dashboard.Anonymous();
        var headers = (await client.GetAsync(path, Ct)).Headers;
        Assert.Equal(SecurityHeaders.Policy, Assert.Single(headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(headers.GetValues("X-Content-Type-Options")));
        Assert.Contains("frame-ancestors 'none'", SecurityHeaders.Policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", SecurityHeaders.Policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Problem_OfAPlanThatDoesNotFit_NamesPointerLineAndWhatIsAllowed()
    {
        await ReadyAsync();
        using var client = dashboard.WithToken();
        using var answer = await PostYamlAsync(client, "/api/v1/plans:preview", Spec.Replace("2.4.0", "9.9.9", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var error = Assert.Single((await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("errors").EnumerateArray());
        Assert.Equal("/spec/changes/0/serviceVersion", error.GetProperty("path").GetString());
        Assert.Equal(6, error.GetProperty("line").GetInt32());
        Assert.Contains("9.9.9", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("2.4.0", error.GetProperty("allowed").EnumerateArray().Select(a => a.GetString()));
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("[]", 400)]
    [InlineData("", 400)]
    [InlineData("{}", 400)]
    public async Task Problem_OfABodyNobodyCanRead_IsThe400OfTheCaller(string body, int status)
    {
        using var client = dashboard.WithToken();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        var answer = await client.PostAsync("/api/v1/runs", content, Ct);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404)]
    [InlineData("DELETE", "/api/v1/runs", 405)]
    [InlineData("GET", "/api/v1/runs/none/events?limit=0", 404)]
    [InlineData("GET", "/api/v1/runs?state=Sleeping", 400)]
    [InlineData("GET", "/api/v1/runs?limit=0", 400)]
    [InlineData("GET", "/api/v1/runs?limit=501", 400)]
    [InlineData("GET", "/api/v1/runs?continue=nonsense", 400)]
    public async Task Problem_OfARequestThatLeadsNowhere_IsJson(string method, string path, int status)
    {
        using var client = dashboard.WithToken();
        using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Ct);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public void Problem_OfARefusal_CarriesWhatAProgramNeeds()
    {
        var problem = Answers.ToProblem(new Refusal(RefusalKind.Conflict, "no") { RunId = "r1", PlanHash = "h", Changed = ["shard-d is new"] });
        Assert.Equal(StatusCodes.Status409Conflict, problem.Status);
        Assert.Equal("r1", problem.Extensions["runId"]);
        Assert.Equal("/api/v1/runs/r1", problem.Extensions["run"]);
        Assert.Equal("h", problem.Extensions["planHash"]);
        Assert.True(problem.Extensions.ContainsKey("changed"));
        Assert.False(problem.Extensions.ContainsKey("errors"));
    }

    [Fact]
    public async Task Topology_HeldAlready_Is304_AndCarriesTheFieldsOfTheDesign()
    {
        await ReadyAsync();
        using var client = dashboard.WithToken();
        // The demo is alive: between two requests a lag may move. Then the tag must have moved with it.
        for (var i = 0; i < 20; i++)
        {
            var first = await client.GetAsync("/api/v1/clusters/demo/notify/topology", Ct);
            var body = await first.Content.ReadFromJsonAsync<JsonElement>(Ct);
            Assert.Equal($"\"{body.GetProperty("version").GetString()}\"", first.Headers.ETag!.Tag);
            Assert.Equal("demo/notify", body.GetProperty("cluster").GetString());
            var instance = body.GetProperty("components")[0].GetProperty("shards")[0].GetProperty("instances")[0];
            foreach (var field in (string[])["name", "role", "version", "updated", "ready", "lagSeconds", "lagBytes", "lagSource", "node", "zone", "uid"])
                Assert.True(instance.TryGetProperty(field, out _), field);

            using var again = new HttpRequestMessage(HttpMethod.Get, "/api/v1/clusters/demo/notify/topology");
            again.Headers.IfNoneMatch.Add(first.Headers.ETag);
            using var second = await client.SendAsync(again, Ct);
            if (second.StatusCode == HttpStatusCode.NotModified)
                return;
            Assert.NotEqual(first.Headers.ETag.Tag, second.Headers.ETag!.Tag);
        }
        Assert.Fail("Never 304.");
    }

    [Fact]
    public async Task IdempotencyKey_SameRequest_SameAnswer_OtherRequest_Conflict()
    {
        await ReadyAsync();
        using var client = dashboard.WithToken();
        client.DefaultRequestHeaders.Add("Idempotency-Key", Guid.NewGuid().ToString());

        using var first = await PostYamlAsync(client, "/api/v1/plans", Spec);
        using var second = await PostYamlAsync(client, "/api/v1/plans", Spec);
        using var other = await PostYamlAsync(client, "/api/v1/plans", Spec + "\n");

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(first.StatusCode, second.StatusCode);
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(await first.Content.ReadAsStringAsync(Ct), await second.Content.ReadAsStringAsync(Ct));
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.True(second.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(first.Headers.Location, Ct)).StatusCode);
    }

    [Fact]
    public async Task OpenApi_HasEveryRouteOfTheApi_WithWordsAndLogin()
    {
        using var client = dashboard.Anonymous();
        var document = await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Ct);
        var described = document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(o => (Key: $"{o.Name.ToUpperInvariant()} {p.Name}", o.Value))).ToDictionary(p => p.Key, p => p.Value);
        var mapped = dashboard.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal))
            .SelectMany(e => e.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Select(m => $"{m} {e.RoutePattern.RawText!.TrimEnd('/')}")).ToArray();

        Assert.NotEmpty(mapped);
        Assert.Empty(mapped.Except(described.Keys));
        foreach (var (key, operation) in described.Where(d => d.Key.Contains("/api/", StringComparison.Ordinal)))
        {
            Assert.True(operation.TryGetProperty("summary", out _), key);
            Assert.True(operation.TryGetProperty("security", out _), key);
            Assert.True(operation.GetProperty("responses").TryGetProperty("401", out _), key);
        }
        Assert.True(document.GetProperty("components").GetProperty("securitySchemes").TryGetProperty("bearer", out _));
    }

    [Fact]
    public async Task Assets_OfTheStartPage_AreThereAndNotEmpty()
    {
        using var browser = await dashboard.LoginAsync("Asset Person", Caller.Viewer);
        var page = await browser.Client.GetStringAsync("/", Ct);
        var files = System.Text.RegularExpressions.Regex.Matches(page, "(src|href)=\"(?<file>[^\"#]+\\.(js|css))\"", System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Select(m => m.Groups["file"].Value).ToArray();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            using var answer = await browser.Client.GetAsync(file, Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync(Ct));
        }
    }

    [Fact]
    public async Task Metrics_NameRunsAndViewers()
    {
        using var client = dashboard.WithToken();
        var text = await client.GetStringAsync("/metrics", Ct);
        Assert.Contains("rollcall_runs{", text, StringComparison.Ordinal);
        Assert.Contains("rollcall_viewers{", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_APageAtATime_LeadFromOneToTheNextWithTheSameFilter()
    {
        await ReadyAsync();
        using var client = dashboard.WithToken();
        string[] made = [await AbortedAsync(client), await AbortedAsync(client)];

        using var first = await client.GetAsync("/api/v1/runs?cluster=demo/notify&state=Aborted&limit=1", Ct);
        var link = Assert.Single(first.Headers.GetValues("Link"));
        using var second = await client.GetAsync(link[(link.IndexOf('<', StringComparison.Ordinal) + 1)..link.IndexOf('>', StringComparison.Ordinal)], Ct);
        using var same = await client.GetAsync($"/api/v1/runs?cluster=demo/notify&state=Aborted&limit=1&continue={Assert.Single(first.Headers.GetValues(RunListApi.ContinueHeader))}", Ct);

        Assert.EndsWith("rel=\"next\"", link, StringComparison.Ordinal);
        Assert.Equal(made.Reverse(), [await OnlyAsync(first), await OnlyAsync(second)]);
        Assert.Equal(made[0], await OnlyAsync(same));
        var all = await client.GetFromJsonAsync<JsonElement[]>("/api/v1/runs?cluster=demo/notify&state=Aborted", Ct);
        Assert.Equal(all!.Length - 1, int.Parse(Assert.Single(first.Headers.GetValues(RunListApi.RemainingHeader)), System.Globalization.CultureInfo.InvariantCulture));
        Assert.Empty((await client.GetFromJsonAsync<JsonElement[]>("/api/v1/runs?cluster=demo/notify&by=nobody", Ct))!);

        static async Task<string> OnlyAsync(HttpResponseMessage answer) => Assert.Single((await answer.Content.ReadFromJsonAsync<JsonElement[]>(Ct))!).GetProperty("id").GetString()!;
    }

    /// <summary>A run that never got past its first gate.</summary>
    private async Task<string> AbortedAsync(HttpClient client)
    {
        using var plan = await PostYamlAsync(client, "/api/v1/plans", Spec + "\n  stages: [ { name: all, shards: rest, gate: { approvals: 1 } } ]\n");
        Assert.Equal(HttpStatusCode.Created, plan.StatusCode);
        var planId = (await plan.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetString();
        using var started = await client.PostAsJsonAsync("/api/v1/runs", new { planId }, Ct);
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        var id = (await started.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetString()!;
        using var aborted = await client.PostAsJsonAsync($"/api/v1/runs/{id}:abort", new { reason = "only for the list" }, Ct);
        Assert.Equal(HttpStatusCode.OK, aborted.StatusCode);
        var rollouts = dashboard.Services.GetRequiredService<Rollouts>();
        while (rollouts.RunRevision(id) is var seen && rollouts.GetRun(id) is { Terminal: false })
            await rollouts.WhenRunAfterAsync(id, seen, Ct);
        return id;
    }

    private async Task ReadyAsync()
    {
        var catalog = dashboard.Services.GetRequiredService<Rollcall.Engine.Topology.ClusterCatalog>();
        while (catalog.Find(new ClusterKey("demo", "notify"))?.Current is not { } now || now.Components.Sum(c => c.Shards.Sum(s => s.Instances.Count(i => i.Ready))) < 4)
            await (catalog.Find(new ClusterKey("demo", "notify")) is { } store ? store.WhenAfterAsync(store.Revision, Ct) : catalog.WhenAfterAsync(catalog.Version, Ct));
    }

    private static async Task<HttpResponseMessage> PostYamlAsync(HttpClient client, string path, string yaml)
    {
        using var content = new StringContent(yaml, Encoding.UTF8, "application/yaml");
        return await client.PostAsync(path, content, Ct);
    }
}
