using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Xunit;

namespace Rollcall.Unit.Web;

/// <summary>API tokens over HTTP and the hub, as a program would use them.</summary>
[Collection(nameof(Dashboard))]
public sealed class TokenTests(Dashboard dashboard)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TokenService Tokens => dashboard.Services.GetRequiredService<TokenService>();

    [Fact]
    public async Task Token_MadeByAPerson_ActsUnderTheirNameWithTheirRoles_AndIsShownOnce()
    {
        using var ann = await dashboard.LoginAsync("Token Ann", "operator,approver", "dba");
        var made = await PostAsync(ann.Client, new { label = "laptop", roles = new[] { "operator" }, groups = new[] { "dba" } });
        var token = made.GetProperty("token").GetString()!;

        using var program = dashboard.WithToken(token);
        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync("/api/v1/runs", Ct)).StatusCode);
        Assert.StartsWith(AccessStore.TokenPrefix, token, StringComparison.Ordinal);
        Assert.Equal("Token Ann", made.GetProperty("actsAs").GetString());
        var list = await ann.Client.GetStringAsync("/api/v1/tokens", Ct);
        Assert.DoesNotContain(token, list, StringComparison.Ordinal);
        Assert.DoesNotContain(token, await File.ReadAllTextAsync(Path.Combine(dashboard.Folder, "access.json"), Ct), StringComparison.Ordinal);
        var line = JsonDocument.Parse(list).RootElement.EnumerateArray().Single(t => t.GetProperty("label").GetString() == "laptop");
        Assert.Equal(JsonValueKind.String, line.GetProperty("lastUsedAt").ValueKind);
    }

    [Fact]
    public async Task Token_OfOneRole_IsHeldToIt()
    {
        using var program = dashboard.WithToken(Mint(new Caller("admin", [Caller.Admin], []), [Caller.Approver]));
        Assert.Equal(HttpStatusCode.Forbidden, (await program.PostAsJsonAsync("/api/v1/runs/none:pause", new { reason = "x" }, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await program.PostAsJsonAsync("/api/v1/runs/none/gates/none:approve", new { planHash = "x" }, Ct)).StatusCode);
    }

    [Fact]
    public async Task Token_Revoked_IsWorthNothingAtOnce_AndTheAnswerSaysSo()
    {
        var (id, token) = MintWithId(new Caller("Revoking Rita", [Caller.Operator], []), [Caller.Viewer]);
        using var program = dashboard.WithToken(token);
        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync("/api/v1/runs", Ct)).StatusCode);

        Assert.True(Tokens.Revoke(id, new Caller("revoking rita", [Caller.Operator], [])).Ok);

        var answer = await program.GetAsync("/api/v1/runs", Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("was revoked", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_Expired_Is401AndSaysWhen()
    {
        var store = dashboard.Services.GetRequiredService<AccessStore>();
        var (_, token) = store.MintToken(m => Record(m.Id, m.Hash, m.Now) with { ExpiresAt = m.Now - TimeSpan.FromSeconds(1) });
        using var program = dashboard.WithToken(token);

        var answer = await program.GetAsync("/api/v1/runs", Ct);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("expired at", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadOnlyToken_OfAnAdmin_ReadsWhatAdminsReadAndChangesNothing()
    {
        using var program = dashboard.WithToken(Mint(Caller.System with { Name = "admin" }, [Caller.Admin], readOnly: true));
        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync("/api/v1/sessions", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await program.PostAsJsonAsync("/api/v1/links", new { name = "X", role = "admin" }, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await program.PostAsJsonAsync("/api/v1/runs/none:abort", new { reason = "x" }, Ct)).StatusCode);
        // A preview is a POST that changes nothing.
        using var yaml = new StringContent("nonsense", System.Text.Encoding.UTF8, "application/yaml");
        Assert.Equal(HttpStatusCode.BadRequest, (await program.PostAsync("/api/v1/plans:preview", yaml, Ct)).StatusCode);
    }

    [Fact]
    public async Task LimitedToken_SeesItsOwnClustersOnly()
    {
        Put("scope-seen");
        Put("scope-hidden");
        using var program = dashboard.WithToken(Mint(new Caller("admin", [Caller.Admin], []), [Caller.Operator], clusters: ["scopes/scope-seen"]));

        var clusters = await program.GetFromJsonAsync<JsonElement>("/api/v1/clusters", Ct);

        Assert.Equal(["scope-seen"], clusters.EnumerateArray().Select(c => c.GetProperty("name").GetString()!));
        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync("/api/v1/clusters/scopes/scope-seen/topology", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await program.GetAsync("/api/v1/clusters/scopes/scope-hidden/topology", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await program.GetAsync("/metrics", Ct)).StatusCode);
        await using var hub = Connect(program);
        await hub.StartAsync(Ct);
        var error = await Assert.ThrowsAsync<HubException>(async () =>
        {
            await foreach (var _ in hub.StreamAsync<JsonElement>("WatchTopology", "scopes/scope-hidden", null, Ct))
            {
            }
        });
        Assert.Contains("scope-hidden", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LimitedToken_CannotPlanOutsideOfItsScope()
    {
        using var program = dashboard.WithToken(Mint(new Caller("admin", [Caller.Admin], []), [Caller.Operator], namespaces: ["elsewhere"]));
        const string Spec = """
            apiVersion: rollcall.dev/v1alpha1
            kind: RolloutPlan
            metadata: { name: notify-up, namespace: demo }
            spec:
              target: { kind: StatefulSetGroup, name: notify }
              changes: [ { component: app, serviceVersion: 2.4.0 } ]
            """;
        using var yaml = new StringContent(Spec, System.Text.Encoding.UTF8, "application/yaml");

        var answer = await program.PostAsync("/api/v1/plans", yaml, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("reaches the namespace elsewhere", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hub_WithATokenThatIsRevoked_ClosesAtOnce()
    {
        var (id, token) = MintWithId(new Caller("Hub Hugo", [Caller.Viewer], []), [Caller.Viewer]);
        using var program = dashboard.WithToken(token);
        await using var hub = Connect(program);
        var closed = new TaskCompletionSource();
        hub.Closed += _ =>
        {
            closed.SetResult();
            return Task.CompletedTask;
        };
        await hub.StartAsync(Ct);

        Assert.True(Tokens.Revoke(id, new Caller("Hub Hugo", [Caller.Viewer], [])).Ok);

        await closed.Task.WaitAsync(TimeSpan.FromMinutes(1), Ct);
    }

    [Fact]
    public async Task Hub_WithATokenThatExpires_Closes()
    {
        var (_, token) = dashboard.Services.GetRequiredService<AccessStore>().MintToken(m => Record(m.Id, m.Hash, m.Now) with { ExpiresAt = m.Now + TimeSpan.FromSeconds(3) });
        using var program = dashboard.WithToken(token);
        await using var hub = Connect(program);
        var closed = new TaskCompletionSource();
        hub.Closed += _ =>
        {
            closed.SetResult();
            return Task.CompletedTask;
        };
        await hub.StartAsync(Ct);
        await closed.Task.WaitAsync(TimeSpan.FromMinutes(2), Ct);
    }

    [Fact]
    public void Mint_MoreThanOneHasOneself_IsRefusedAndSaysWhatIsAllowed()
    {
        var olga = new Caller("Olga", [Caller.Operator], ["sre"]);
        Assert.Equal(["/roles", "/groups"], Tokens.Mint(Wish([Caller.Admin], ["dba"]), olga).Refusal!.Errors.Select(e => e.Path));
        Assert.Equal(RefusalKind.Forbidden, Tokens.Mint(Wish([Caller.Viewer]) with { Service = true }, olga).Refusal!.Kind);
        Assert.Equal(RefusalKind.Forbidden, Tokens.Mint(Wish([Caller.Viewer]), olga with { Via = "token laptop" }).Refusal!.Kind);
        Assert.Equal(RefusalKind.Forbidden, Tokens.Mint(Wish([Caller.Viewer]), olga with { Scope = new CallerScope([], [], true) }).Refusal!.Kind);
    }

    [Fact]
    public void Mint_WithEverythingWrong_SaysEverythingAtOnce()
    {
        var wish = new TokenWish("<b>", [], ["no spaces"], ["Not_A_Namespace"], ["no-slash"], false, false, TimeSpan.Zero);
        Assert.Equal(["/label", "/roles", "/groups", "/namespaces", "/clusters", "/lifetimeSeconds"], Tokens.Mint(wish, Caller.System with { Name = "admin" }).Refusal!.Errors.Select(e => e.Path));
    }

    [Fact]
    public async Task Mint_ForAService_ActsUnderItsOwnName_WhichIsNoPersons()
    {
        using var person = await dashboard.LoginAsync("Service Sam", Caller.Viewer);
        var admin = new Caller("admin", [Caller.Admin], []);
        Assert.Equal("ci-bot", Tokens.Mint(Wish([Caller.Operator]) with { Label = "ci-bot", Service = true }, admin).Value!.ActsAs);
        Assert.Equal("/label", Assert.Single(Tokens.Mint(Wish([Caller.Operator]) with { Label = "service sam", Service = true }, admin).Refusal!.Errors).Path);
    }

    [Fact]
    public void List_OfOnePerson_HasNobodyElsesTokens()
    {
        MintWithId(new Caller("List Lena", [Caller.Viewer], []), [Caller.Viewer]);
        MintWithId(new Caller("List Leo", [Caller.Viewer], []), [Caller.Viewer]);
        Assert.All(Tokens.List(new Caller("List Lena", [], [])).Value, t => Assert.Equal("List Lena", t.ActsAs));
        Assert.Equal(RefusalKind.NotFound, Tokens.Revoke(Tokens.List(Caller.System).Value.First(t => t.ActsAs == "List Leo").Id, new Caller("List Lena", [], [])).Refusal!.Kind);
    }

    private static TokenRecord Record(string id, string hash, DateTimeOffset now) => new()
    {
        Id = id, TokenHash = hash, Label = "short", ActsAs = "Short Sven", Roles = [Caller.Viewer], CreatedBy = "Short Sven", CreatedAt = now, ExpiresAt = now + TimeSpan.FromHours(1),
    };

    private static TokenWish Wish(string[] roles, string[]? groups = null) => new("laptop", [.. roles], [.. groups ?? []], [], [], false, false, TimeSpan.FromHours(1));

    private string Mint(Caller by, string[] roles, bool readOnly = false, string[]? namespaces = null, string[]? clusters = null)
    {
        var made = Tokens.Mint(Wish(roles) with { ReadOnly = readOnly, Namespaces = [.. namespaces ?? []], Clusters = [.. clusters ?? []] }, by);
        Assert.True(made.Ok, made.Refusal?.Message);
        return made.Value!.Token;
    }

    private (string Id, string Token) MintWithId(Caller by, string[] roles)
    {
        var made = Tokens.Mint(Wish(roles), by);
        Assert.True(made.Ok, made.Refusal?.Message);
        return (made.Value!.Id, made.Value!.Token);
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, object body)
    {
        using var answer = await client.PostAsJsonAsync("/api/v1/tokens", body, Ct);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
    }

    private void Put(string name)
    {
        var key = new ClusterKey("scopes", name);
        dashboard.Services.GetRequiredService<ClusterCatalog>().GetOrAdd(key, () => new TopologyStore(Topologies.Cluster(1, 1) with { Cluster = key }, "t"));
    }

    private HubConnection Connect(HttpClient with) => new HubConnectionBuilder()
        .WithUrl(new Uri(dashboard.Url, "/hubs/live"), o => o.Headers["Authorization"] = with.DefaultRequestHeaders.Authorization!.ToString()).Build();
}
