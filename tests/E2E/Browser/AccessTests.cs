using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace Rollcall.E2E.Browser;

/// <summary>Who is who, by hand: a token, an account, its password, and what the audit page has of it.</summary>
[Collection(BrowserTests.Name)]
public sealed class AccessTests(Chromium chromium)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TokenAndAccount_MadeOnThePages_Work_AndTheAuditPageHasThem()
    {
        await using var visit = await Visit.StartAsync(chromium);
        var admin = await visit.SignInAsync();

        await visit.GoAsync(admin, "/settings/tokens");
        await admin.GetByLabel("For", new() { Exact = true }).FillAsync("ci");
        await admin.GetByLabel("Reaches").FillAsync("Not A Namespace");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        await Assertions.Expect(admin.GetByText("A namespace is 1 to 63 small letters")).ToBeVisibleAsync();
        await admin.GetByLabel("Reaches").FillAsync("demo");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        var token = await admin.Locator("#minted-token").InputValueAsync();
        using var program = new HttpClient { BaseAddress = new Uri(visit.Url), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync("/api/v1/clusters", Ct)).StatusCode);

        await visit.GoAsync(admin, "/settings/people");
        await admin.Locator("#account-name").FillAsync("Paula Password");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Make an account" }).ClickAsync();
        var password = await admin.Locator("#minted-password").InputValueAsync();

        var paula = await visit.NewPageAsync();
        await paula.GotoAsync($"{visit.Url}/login");
        await paula.GetByLabel("Name").FillAsync("paula password");
        await paula.GetByLabel("Password").FillAsync(password);
        await paula.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).First.ClickAsync();
        await Visit.ReadyAsync(paula);
        await visit.GoAsync(paula, "/settings");
        await paula.GetByLabel("Present password").FillAsync(password);
        await paula.GetByLabel("New password").FillAsync("the roll is called at night");
        await paula.GetByRole(AriaRole.Button, new() { Name = "Change password" }).ClickAsync();
        await Assertions.Expect(paula.GetByText("Your password was changed.")).ToBeVisibleAsync();
        await visit.GoAsync(paula, "/audit");
        await Assertions.Expect(paula.GetByText("The audit log is for admins")).ToBeVisibleAsync();

        await visit.GoAsync(admin, "/audit?actor=Paula%20Password");
        await Assertions.Expect(admin.GetByText(new Regex(@"^Chain of \d+ entries verified\.$"))).ToBeVisibleAsync();
        await Assertions.Expect(admin.Locator("tbody tr")).ToHaveCountAsync(2);
        await Assertions.Expect(admin.Locator("tbody .pill")).ToHaveTextAsync(["change-password", "sign-in"]);
        await admin.GetByLabel("Did").SelectOptionAsync("sign-in");
        await Assertions.Expect(admin).ToHaveURLAsync(new Regex("actor=Paula%20Password&action=sign-in$"));
        await Assertions.Expect(admin.Locator("tbody tr")).ToHaveCountAsync(1);

        await visit.GoAsync(admin, "/settings/tokens");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Revoke the token ci" }).ClickAsync();
        await admin.GetByRole(AriaRole.Button, new() { Name = "Revoke", Exact = true }).Last.ClickAsync();
        await Assertions.Expect(admin.GetByText("revoked", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.GetAsync("/api/v1/clusters", Ct)).StatusCode);
        Assert.Empty(visit.Complaints);
    }
}
