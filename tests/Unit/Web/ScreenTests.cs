using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Api;
using Rollcall.Web.Auth;
using Rollcall.Web.Hubs;
using Rollcall.Web.Screens;
using Xunit;

namespace Rollcall.Unit.Web;

/// <summary>Status screens over HTTP and the hub: who gets in, to see what, and for how long.</summary>
[Collection(nameof(Dashboard))]
public sealed class ScreenTests(Dashboard dashboard)
{
    private static readonly Caller Admin = new("ada", [Caller.Admin], []);
    private static int _serial;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ScreenService Screens => dashboard.Services.GetRequiredService<ScreenService>();

    private async Task<ScreenLine> MintAsync(params string[] clusters)
    {
        await SeenAsync("demo/orders");
        var minted = Screens.Mint($"wall-{Interlocked.Increment(ref _serial)}", "Wall <1>", clusters.Length == 0 ? ["demo/orders"] : [.. clusters], TimeSpan.FromHours(1), open: false, Admin);
        Assert.True(minted.Ok, minted.Refusal?.Message);
        return minted.Value;
    }

    private async Task SeenAsync(string cluster)
    {
        var catalog = dashboard.Services.GetRequiredService<ClusterCatalog>();
        for (var version = catalog.Version; !ClusterKey.TryParse(cluster, out var key) || catalog.Find(key) is null; version = catalog.Version)
            await catalog.WhenAfterAsync(version, Ct);
    }

    [Fact]
    public async Task Page_WithItsKey_OpensWithoutALogin_AndHasNothingThatActs()
    {
        var screen = await MintAsync();
        using var anybody = dashboard.Anonymous();
        using var answer = await anybody.GetAsync(screen.Url, Ct);
        var page = await answer.Content.ReadAsStringAsync(Ct);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("Wall &lt;1&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Wall <1>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("_framework", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", page, StringComparison.Ordinal);
        Assert.DoesNotContain("MudBlazor", page, StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Page_WithoutAKey_AsksForALogin_AndWithAWrongOneOpensNothing()
    {
        var screen = await MintAsync();
        var other = await MintAsync();
        using var anybody = dashboard.Anonymous();
        using var bare = await anybody.GetAsync($"/status/{screen.Name}", Ct);
        using var wrong = await anybody.GetAsync($"/status/{screen.Name}?key=nonsense", Ct);
        using var swapped = await anybody.GetAsync($"/status/{screen.Name}{new Uri(other.Url).Query}", Ct);

        Assert.Equal(HttpStatusCode.Redirect, bare.StatusCode);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (wrong.StatusCode, swapped.StatusCode));
        Assert.Contains("opens no status screen", await wrong.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_ForAColleagueWhoIsSignedIn_NeedsNoKey()
    {
        var screen = await MintAsync();
        using var browser = await dashboard.LoginAsync("Wall Watcher", Caller.Viewer);
        using var answer = await browser.Client.GetAsync($"/status/{screen.Name}", Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("elsewhere", HttpStatusCode.NotFound)]
    [InlineData("demo", HttpStatusCode.OK)]
    public async Task Page_ForATokenThatIsLimited_OpensOnlyWhereItReachesAllThatIsShown(string space, HttpStatusCode expected)
    {
        var screen = await MintAsync();
        var token = dashboard.Services.GetRequiredService<TokenService>().Mint(new TokenWish($"wall {space}", [Caller.Viewer], [], [space], [], true, false, TimeSpan.FromHours(1)), new Caller("admin", [Caller.Admin], []));
        using var program = dashboard.WithToken(token.Value!.Token);
        using var answer = await program.GetAsync($"/status/{screen.Name}", Ct);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task Mint_AndRevoke_StandInTheAuditLog()
    {
        var screen = await MintAsync();
        Screens.Revoke(screen.Id, Admin);
        using var client = dashboard.WithToken();
        // Entries follow what they record; they are asked for until they are there.
        while (true)
        {
            var said = await client.GetStringAsync("/api/v1/audit?actor=ada", Ct);
            if (said.Contains("mint-screen", StringComparison.Ordinal) && said.Contains("revoke-screen", StringComparison.Ordinal) && said.Contains($"status screen {screen.Name}", StringComparison.Ordinal))
                return;
        }
    }

    [Fact]
    public async Task Screen_TakenBack_ClosesItsHubItsPageAndItsBadge()
    {
        var screen = await MintAsync();
        await using var connection = Hub(screen);
        var closed = new TaskCompletionSource();
        connection.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await connection.StartAsync(Ct);

        Assert.True(Screens.Revoke(screen.Id, Admin).Ok);

        await closed.Task.WaitAsync(TimeSpan.FromMinutes(2), Ct);
        using var anybody = dashboard.Anonymous();
        foreach (var address in (string[])[screen.Url, screen.BadgeUrl])
        {
            using var answer = await anybody.GetAsync(address, Ct);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        await using var again = Hub(screen);
        await Assert.ThrowsAsync<HttpRequestException>(() => again.StartAsync(Ct));
    }

    [Fact]
    public async Task Hub_WithoutAKey_IsRefused()
    {
        var screen = await MintAsync();
        await using var connection = Build($"{StatusHub.Path}?screen={screen.Name}");
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => connection.StartAsync(Ct));
        Assert.Equal(HttpStatusCode.Unauthorized, error.StatusCode);
    }

    [Fact]
    public async Task Hub_WithAScreensKey_ShowsItsClustersAndNoOther()
    {
        var screen = await MintAsync();
        await using var connection = Hub(screen);
        await connection.StartAsync(Ct);

        var point = await FirstAsync<JsonElement>(connection, "WatchScreen", [null]);
        var cluster = point.GetProperty("view").GetProperty("clusters")[0];
        Assert.Equal(("demo/orders", true), (cluster.GetProperty("cluster").GetString(), cluster.GetProperty("present").GetBoolean()));

        var frame = await FirstAsync<TopologyFrame>(connection, "WatchTopology", ["demo/orders", null]);
        Assert.Equal("snapshot", frame.Kind);

        var other = dashboard.Services.GetRequiredService<ClusterCatalog>().Stores.Select(s => s.Cluster.ToString()).First(c => c != "demo/orders");
        var refused = await Assert.ThrowsAsync<HubException>(() => FirstAsync<TopologyFrame>(connection, "WatchTopology", [other, null]));
        Assert.Contains("There is no cluster", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Badge_OfACluster_IsAnSvgThatOtherSitesMayShowForAMoment()
    {
        var screen = await MintAsync();
        using var anybody = dashboard.Anonymous();
        using var answer = await anybody.GetAsync(screen.BadgeUrl, Ct);
        Assert.Equal(("image/svg+xml", "cross-origin"), (answer.Content.Headers.ContentType?.MediaType, answer.Headers.GetValues("Cross-Origin-Resource-Policy").Single()));
        Assert.Equal(TimeSpan.FromSeconds(15), answer.Headers.CacheControl?.MaxAge);
        Assert.Contains("orders", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);

        using var other = await anybody.GetAsync($"{screen.BadgeUrl}&cluster=demo/none", Ct);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public void Badge_OfANameWithMarkup_StaysText()
    {
        var svg = Badge.Of(new ScreenCluster { Cluster = "a/b", Name = "<script>&\"'", Present = true, Tone = "bad", Word = "halted", Members = 3, Ready = 2 });
        var root = XDocument.Parse(svg).Root!;
        Assert.DoesNotContain(root.Descendants(), e => e.Name.LocalName == "script");
        Assert.Equal("<script>&\"'", root.Descendants().First(e => e.Name.LocalName == "text").Value);
        Assert.Equal("<script>&\"': ! halted, 2 of 3 ready", root.Attribute("aria-label")!.Value);
    }

    [Fact]
    public async Task Api_MakesListsAndTakesBack()
    {
        await SeenAsync("demo/orders");
        using var client = dashboard.WithToken();
        using var made = await client.PostAsJsonAsync("/api/v1/screens", new { name = "from-the-api", clusters = new[] { "demo/orders" }, lifetimeSeconds = 600 }, Ct);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var screen = await made.Content.ReadFromJsonAsync<ScreenLine>(ApiJson.Options, Ct);
        using var twice = await client.PostAsJsonAsync("/api/v1/screens", new { name = "from-the-api", clusters = new[] { "demo/orders" } }, Ct);
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        using var gone = await client.DeleteAsync($"/api/v1/screens/{screen!.Id}", Ct);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        var list = await client.GetFromJsonAsync<ScreenLine[]>("/api/v1/screens", ApiJson.Options, Ct);
        Assert.Equal(("revoked", ""), (list!.Single(s => s.Id == screen.Id).State, list!.Single(s => s.Id == screen.Id).Url));
    }

    [Theory]
    [InlineData("Wall", "demo/orders", 3600, false, "/name")]
    [InlineData("../x", "demo/orders", 3600, false, "/name")]
    [InlineData("fine", "demo/none", 3600, false, "/clusters")]
    [InlineData("fine", "demo/orders", 5, false, "/lifetimeSeconds")]
    [InlineData("fine", "demo/orders", 3600, true, "/open")]
    public async Task Mint_WithSomethingWrong_NamesTheField(string name, string cluster, int seconds, bool open, string path)
    {
        await SeenAsync("demo/orders");
        var refusal = Screens.Mint(name, "", [cluster], TimeSpan.FromSeconds(seconds), open, Admin).Refusal;
        Assert.Equal([path], refusal!.Errors.Select(e => e.Path));
    }

    [Fact]
    public void Mint_ByAnOperator_IsForbidden() =>
        Assert.Equal(RefusalKind.Forbidden, Screens.Mint("x", "", ["demo/orders"], TimeSpan.FromHours(1), open: false, new Caller("otto", [Caller.Operator], [])).Refusal?.Kind);

    [Theory]
    [InlineData(RunState.Paused, "paused")]
    [InlineData(RunState.Waiting, "waiting")]
    [InlineData(RunState.Running, "rolling out")]
    public void WordOf_ARun_IsItsState(RunState state, string word) => Assert.Equal(word, ScreenPicture.WordOf(Pictures.Summary("orders"), Pictures.Run(state)));

    [Theory]
    [InlineData("Running", "all well")]
    [InlineData("Degraded", "degraded")]
    [InlineData("Unknown", "unknown")]
    public void WordOf_AClusterWithoutARun_IsItsPhase(string phase, string word) => Assert.Equal(word, ScreenPicture.WordOf(Pictures.Summary("orders", phase), null));

    [Fact]
    public void WithoutPeople_ARun_HasNobodysNameInIt()
    {
        var gate = new GateView
        {
            Name = "rest", Stage = "rest", Component = "redis", State = GateState.Approved, Required = 1, Given = 1, Approvals = [new ApprovalView("grace", "dba", Pictures.T0, "fine by me", "h1", false)],
            Comments = [new GateComment("grace", Pictures.T0, "looks good")], Claims = [new GateClaim("grace", Pictures.T0)],
        };
        var view = Pictures.Run(RunState.Running, Pictures.Step("s1", StepKind.Replace, "shard-a", StepState.Running, "a-0")) with
        {
            Gates = [gate], StartedBy = "ada", Obligations = [new ObligationView("UpdateStrategy", "StatefulSet demo/orders", "grace", Pictures.T0, false, "")],
        };
        var said = JsonSerializer.Serialize(RunFeed.WithoutPeople(view), LiveJson.Options);
        Assert.DoesNotContain("grace", said, StringComparison.Ordinal);
        Assert.DoesNotContain("ada", said, StringComparison.Ordinal);
        Assert.Contains("a-0", said, StringComparison.Ordinal);
        Assert.Contains("\"given\":1", said, StringComparison.Ordinal);
    }

    private HubConnection Hub(ScreenLine screen) => Build($"{StatusHub.Path}{new Uri(screen.Url).Query}&screen={screen.Name}");

    private HubConnection Build(string path) => new HubConnectionBuilder().WithUrl(new Uri(dashboard.Url, path)).AddJsonProtocol(o => ApiJson.Apply(o.PayloadSerializerOptions)).Build();

    private static async Task<T> FirstAsync<T>(HubConnection connection, string method, object?[] arguments)
    {
        await foreach (var item in connection.StreamAsyncCore<T>(method, arguments, Ct))
            return item;
        throw new InvalidOperationException("The stream ended without a frame.");
    }
}

/// <summary>Screens and time.</summary>
public sealed class ScreenStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-screens-").FullName;
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider _time = new(Pictures.T0);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ScreenStore Open() => new(new ScreenFile(Path.Combine(_folder, "screens.json")), _time);

    private static ScreenRecord Make(string id, DateTimeOffset now) => new() { Id = id, Name = "wall", Title = "Wall", Clusters = ["demo/orders"], CreatedBy = "ada", CreatedAt = now, ExpiresAt = now.AddHours(1) };

    [Fact]
    public void Live_AfterARestartAndUntilItExpires_IsTheScreen()
    {
        using (var store = Open())
            Assert.NotNull(store.Add(Make));
        using var again = Open();
        Assert.NotNull(again.Live("wall"));
        Assert.Null(again.Add(Make));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Null(again.Live("wall"));
        Assert.True(again.WhenEnded(again.All[0].Id).IsCancellationRequested);
        Assert.NotNull(again.Add(Make));
    }

    [Fact]
    public void Revoke_AScreen_TellsWhoWatches()
    {
        using var store = Open();
        var screen = store.Add(Make)!;
        var ended = store.WhenEnded(screen.Id);
        Assert.False(ended.IsCancellationRequested);
        Assert.True(store.Revoke(screen.Id));
        Assert.True(ended.IsCancellationRequested);
        Assert.False(store.Revoke(screen.Id));
    }
}
