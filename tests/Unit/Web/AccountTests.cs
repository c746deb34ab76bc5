using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Xunit;

namespace Rollcall.Unit.Web;

[Collection(nameof(Dashboard))]
public sealed class AccountTests(Dashboard dashboard)
{
    private static readonly Caller Admin = new("admin", [Caller.Admin], []) { Via = "link" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private AccountService Accounts => dashboard.Services.GetRequiredService<AccountService>();

    [Fact]
    public async Task SignIn_WithNameAndPassword_HasTheAccountsRoles_AndTheFileHasNoPassword()
    {
        var made = Make("Account Ada", Caller.Operator);
        using var browser = new Browser(dashboard.Url);

        var answer = await SignInAsync(browser, "account ada", made.Password, "/runs");

        Assert.Equal("/runs", answer);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.Client.PostAsJsonAsync("/api/v1/runs/none:pause", new { reason = "x" }, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Client.GetAsync("/api/v1/accounts", Ct)).StatusCode);
        Assert.DoesNotContain(made.Password, await File.ReadAllTextAsync(Path.Combine(dashboard.Folder, "access.json"), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_WrongPasswordAndUnknownName_SayTheSame()
    {
        Make("Account Bert", Caller.Viewer);
        using var browser = new Browser(dashboard.Url);
        Assert.Equal("/login?failed=password&returnUrl=%2F", await SignInAsync(browser, "Account Bert", "not the password", "/"));
        Assert.Equal("/login?failed=password&returnUrl=%2F", await SignInAsync(browser, "Account Nobody", "not the password", "/"));
    }

    [Fact]
    public async Task SignIn_WithoutAntiforgeryToken_IsRefused()
    {
        var made = Make("Account Form", Caller.Viewer);
        using var browser = new Browser(dashboard.Url);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("name", "Account Form"), KeyValuePair.Create("password", made.Password)]);
        Assert.Contains("failed=form", (await browser.Client.PostAsync("/login/password", form, Ct)).Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Client.GetAsync("/api/v1/runs", Ct)).StatusCode);
    }

    [Fact]
    public void SignIn_FiveWrongPasswordsInARow_MakesEvenTheRightOneWait_ForEveryNameAlike()
    {
        var made = Make("Account Carl", Caller.Viewer);
        foreach (var name in (string[])["Account Carl", "Account Not There"])
        {
            for (var i = 0; i < 5; i++)
                Assert.Equal(PasswordOutcome.Wrong, Accounts.SignIn(name, "wrong wrong wrong", "").Outcome);
            var (outcome, session, wait) = Accounts.SignIn(name, made.Password, "");
            Assert.Equal((PasswordOutcome.Waits, null), (outcome, session));
            Assert.InRange(wait, TimeSpan.FromSeconds(1), PasswordGate.FirstWait);
        }
        Assert.True(Accounts.Reset(made.Id, Admin).Ok);
        Assert.Equal(PasswordOutcome.Wrong, Accounts.SignIn("Account Carl", made.Password, "").Outcome);
    }

    [Fact]
    public void Gate_Waits_GrowToAnHour_AndEndWithASuccess()
    {
        Assert.Equal([0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600], Enumerable.Range(1, 13).Select(n => PasswordGate.Wait(n).TotalSeconds));
        var time = new FakeTimeProvider();
        var gate = new PasswordGate(time);
        for (var i = 0; i < 6; i++)
            gate.Failed("Ann");
        Assert.Equal(60, gate.WaitOf("ANN").TotalSeconds);
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(TimeSpan.Zero, gate.WaitOf("ann"));
        gate.Failed("ann");
        Assert.Equal(120, gate.WaitOf("ann").TotalSeconds);
        gate.Forget("ann");
        Assert.Equal(TimeSpan.Zero, gate.WaitOf("ann"));
    }

    [Fact]
    public async Task ChangePassword_EndsEveryOtherLogin_AndKeepsThisOne()
    {
        var made = Make("Account Dana", Caller.Viewer);
        using var here = new Browser(dashboard.Url);
        using var there = new Browser(dashboard.Url);
        await SignInAsync(here, "Account Dana", made.Password, "/");
        await SignInAsync(there, "Account Dana", made.Password, "/");
        var store = dashboard.Services.GetRequiredService<AccessStore>();
        var session = store.Sessions.First(s => s.Name == "Account Dana").Id;
        var dana = new Caller("Account Dana", [Caller.Viewer], []);

        Assert.Equal("/current", Assert.Single(Accounts.ChangePassword("wrong", "a new long password", dana, session).Refusal!.Errors).Path);
        Assert.Equal("/next", Assert.Single(Accounts.ChangePassword(made.Password, "short", dana, session).Refusal!.Errors).Path);
        Assert.Equal(RefusalKind.Forbidden, Accounts.ChangePassword(made.Password, "a new long password", dana, null).Refusal!.Kind);
        Assert.True(Accounts.ChangePassword(made.Password, "a new long password", dana, session).Ok);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Unauthorized], [(await here.Client.GetAsync("/api/v1/runs", Ct)).StatusCode, (await there.Client.GetAsync("/api/v1/runs", Ct)).StatusCode]);
        Assert.Equal(PasswordOutcome.Wrong, Accounts.SignIn("Account Dana", made.Password, "").Outcome);
        Assert.Equal(PasswordOutcome.SignedIn, Accounts.SignIn("Account Dana", "a new long password", "").Outcome);
    }

    [Fact]
    public async Task Disable_EndsLoginsAndTokensAtOnce_AndEnableBringsOnlyTheAccountBack()
    {
        var made = Make("Account Emil", Caller.Operator);
        using var browser = new Browser(dashboard.Url);
        await SignInAsync(browser, "Account Emil", made.Password, "/");
        var token = dashboard.Services.GetRequiredService<TokenService>().Mint(new TokenWish("laptop", [Caller.Operator], [], [], [], false, false, TimeSpan.FromHours(1)), new Caller("Account Emil", [Caller.Operator], [])).Value!;
        using var program = dashboard.WithToken(token.Token);

        Assert.False(Accounts.Disable(made.Id, Admin).Value!.Enabled);

        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Client.GetAsync("/api/v1/runs", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.GetAsync("/api/v1/runs", Ct)).StatusCode);
        Assert.Equal(PasswordOutcome.Wrong, Accounts.SignIn("Account Emil", made.Password, "").Outcome);
        Assert.True(Accounts.Enable(made.Id, Admin).Value!.Enabled);
        Assert.Equal(PasswordOutcome.SignedIn, Accounts.SignIn("Account Emil", made.Password, "").Outcome);
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.GetAsync("/api/v1/runs", Ct)).StatusCode);
    }

    [Fact]
    public void Change_OfRoles_EndsLoginsAndTheTokensThatCouldDoMore()
    {
        var made = Make("Account Fritz", "operator");
        var (fritz, tokens) = (new Caller("Account Fritz", [Caller.Operator], []), dashboard.Services.GetRequiredService<TokenService>());
        var wish = new TokenWish("more", [Caller.Operator], [], [], [], false, false, TimeSpan.FromHours(1));
        Assert.True(tokens.Mint(wish, fritz).Ok);
        Assert.True(tokens.Mint(wish with { Label = "less", Roles = [Caller.Viewer] }, fritz).Ok);
        var session = Accounts.SignIn("Account Fritz", made.Password, "").Session!;

        Assert.Equal([Caller.Viewer], Accounts.Change(made.Id, [Caller.Viewer], [], Admin).Value!.Roles);

        Assert.Null(dashboard.Services.GetRequiredService<AccessStore>().Live(session.Id));
        Assert.Equal(["less"], tokens.List(fritz).Value.Where(t => t.State == "good").Select(t => t.Label));
    }

    [Fact]
    public void Everything_ByAnybodyButAnAdmin_IsForbidden()
    {
        var made = Make("Account Gita", Caller.Viewer);
        foreach (var eve in (Caller[])[new("eve", [Caller.Operator, Caller.Approver], []), Admin with { Scope = new CallerScope([], [], true) }, Admin with { Scope = new CallerScope(["x"], [], false) }])
        {
            RefusalKind?[] refusals =
            [
                Accounts.Create("X", [Caller.Admin], [], eve).Refusal?.Kind, Accounts.Change(made.Id, [Caller.Admin], [], eve).Refusal?.Kind, Accounts.Disable(made.Id, eve).Refusal?.Kind,
                Accounts.Enable(made.Id, eve).Refusal?.Kind, Accounts.Reset(made.Id, eve).Refusal?.Kind,
            ];
            Assert.All(refusals, r => Assert.Equal(RefusalKind.Forbidden, r));
        }
    }

    [Fact]
    public void Create_TheSameNameTwice_IsAConflict_AndWithEverythingWrongSaysEverything()
    {
        Make("Account Hugo", Caller.Viewer);
        Assert.Equal(RefusalKind.Conflict, Accounts.Create("ACCOUNT hugo", [Caller.Viewer], [], Admin).Refusal!.Kind);
        Assert.Equal(["/name", "/roles", "/groups"], Accounts.Create("<b>", ["king"], ["no spaces"], Admin).Refusal!.Errors.Select(e => e.Path));
    }

    [Theory]
    [InlineData("short", "12 characters")]
    [InlineData("aaaaaaaaaaaaaaaa", "same few")]
    [InlineData("ann lee 12345", "your name")]
    public void Weakness_SaysWhat(string password, string says) => Assert.Contains(says, AccountService.Weakness(password, "Ann Lee"), StringComparison.Ordinal);

    [Fact]
    public void Weakness_OfALongSentence_IsNone() => Assert.Null(AccountService.Weakness("the roll is called", "Ann Lee"));

    private MintedAccount Make(string name, string role)
    {
        var made = Accounts.Create(name, [role], [], Admin);
        Assert.True(made.Ok, made.Refusal?.Message);
        return made.Value!;
    }

    private static async Task<string> SignInAsync(Browser browser, string name, string password, string returnUrl)
    {
        var page = await browser.Client.GetStringAsync("/login", Ct);
        return (await browser.SubmitAsync("/login/password", page, ("name", name), ("password", password), ("returnUrl", returnUrl))).Headers.Location!.OriginalString;
    }
}
