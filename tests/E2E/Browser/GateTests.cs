using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Rollcall.E2E.Browser;

/// <summary>A gate among people: one who made the plan and may not approve it, one who looks at it, one who decides by a signed link and has no other way in.</summary>
[Collection(BrowserTests.Name)]
public sealed class GateTests(Chromium chromium)
{
    [Fact]
    public async Task Gate_AuthorIsRefused_ClaimIsSeen_LinkDecidesOnce()
    {
        await using var visit = await Visit.StartAsync(chromium, null, "--Rollcall:Gates:AllowSelfApproval=false");
        var ann = await visit.SignInAsync(visit.LinkFor("ann", "operator,approver"));
        var run = await visit.StartRunAsync(ann, "7.2.5");
        await Expect(ann.Locator(".gate")).ToContainTextAsync("ann made the plan and started the run and may not approve it as well", new() { Timeout = 120_000 });
        await Expect(ann.GetByRole(AriaRole.Button, new() { Name = "Approve" })).ToHaveCountAsync(0);

        var bob = await visit.SignInAsync(visit.LinkFor("bob", "approver"));
        await Expect(bob).ToHaveTitleAsync("(1) Overview · Rollcall");
        await Expect(bob.Locator("link[rel=icon]")).ToHaveAttributeAsync("href", new System.Text.RegularExpressions.Regex("^data:image/svg"));
        await visit.GoAsync(bob, "/approvals");
        await bob.GetByLabel("Comment", new() { Exact = true }).FillAsync("is the backup fresh?");
        await bob.GetByRole(AriaRole.Button, new() { Name = "Comment only" }).ClickAsync();
        await Expect(bob.Locator(".thread")).ToContainTextAsync("is the backup fresh?");
        await bob.GetByRole(AriaRole.Button, new() { Name = "I am looking at it" }).ClickAsync();
        await Expect(ann.Locator(".claims")).ToContainTextAsync("bob looks at it");
        await Expect(ann.Locator(".thread")).ToContainTextAsync("is the backup fresh?");

        var root = await visit.SignInAsync();
        await visit.GoAsync(root, run);
        await root.GetByText("Ask somebody by a signed link").ClickAsync();
        await root.Locator(".invite").GetByLabel("Name").FillAsync("Dora");
        await root.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
        var link = await root.GetByLabel("Link for Dora").InputValueAsync();

        var dora = await visit.NewPageAsync(width: 390);
        await dora.GotoAsync(link);
        await Expect(dora.Locator("h1")).ToHaveTextAsync("Dora, your decision is asked for");
        await Expect(dora.Locator(".facts")).ToContainTextAsync("7.2.4 → 7.2.5");
        await Expect(dora.Locator(".thread")).ToContainTextAsync("is the backup fresh?");
        Assert.True(await dora.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        await dora.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Expect(dora.Locator("h1")).ToHaveTextAsync("Thank you");
        // The page is one without a circuit, and a link that was used says so: with an error status, which the browser notes in its console.
        var again = await dora.GotoAsync(link);
        Assert.Equal(410, again!.Status);
        await Expect(dora.GetByRole(AriaRole.Alert)).ToContainTextAsync("used already");

        await Visit.ExpectStateAsync(ann, "Succeeded");
        await Expect(bob).ToHaveTitleAsync("Approvals · Rollcall");
        await visit.GoAsync(ann, $"{run}/report");
        await Expect(ann.Locator("#main")).ToContainTextAsync("by a signed link");
        Assert.DoesNotContain(visit.Complaints, c => !c.Contains("410", StringComparison.Ordinal));
    }
}
