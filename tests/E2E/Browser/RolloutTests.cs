using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Rollcall.E2E.Browser;

/// <summary>The main job as people do it: look, compose, approve, watch, take back.</summary>
[Collection(BrowserTests.Name)]
public sealed class RolloutTests(Chromium chromium)
{
    private static ILocator Member(IPage page, string name) => page.Locator($".topo-hit[aria-label*='{name}']");

    [Fact]
    public async Task Graph_AfterTheFirstLogin_ShowsShardsAndRoles()
    {
        await using var visit = await Visit.StartAsync(chromium);
        var page = await visit.SignInAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "orders" }).First.ClickAsync();
        await Expect(page.Locator(".topo-lane")).ToHaveCountAsync(3);
        // Primaries as the scenario puts them, which is not the first ordinal everywhere; asked from the databases by exec.
        await Expect(Member(page, "a-1")).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("primary"));
        await Expect(Member(page, "b-0")).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("primary"));
        await Expect(page.Locator(".topo-hit[aria-label*=secondary]")).ToHaveCountAsync(6);

        await page.GetByRole(AriaRole.Tab, new() { Name = "Table" }).ClickAsync();
        var grid = page.GetByRole(AriaRole.Treegrid);
        await Expect(grid).ToContainTextAsync("orders-a-1");
        await Expect(grid.GetByRole(AriaRole.Row).Filter(new() { HasText = "orders-a-1" })).ToContainTextAsync("primary");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Login_TheLinkASecondTime_IsRefusedInWords()
    {
        await using var visit = await Visit.StartAsync(chromium);
        await visit.SignInAsync();
        var other = await visit.NewPageAsync();
        await other.GotoAsync(visit.LoginUrl);
        if (await other.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).CountAsync() > 0)
            await other.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).First.ClickAsync();
        await Expect(other.Locator("body")).ToContainTextAsync(new System.Text.RegularExpressions.Regex("used|works once", System.Text.RegularExpressions.RegexOptions.IgnoreCase));
    }

    [Fact]
    public async Task Rollout_ComposeApproveWatchDone_TwoBrowsersAndAReload()
    {
        await using var visit = await Visit.StartAsync(chromium);
        var dba = await visit.SignInAsync();
        var run = await visit.StartRunAsync(dba, "7.2.5");
        var viewer = await visit.SignInAsync(visit.LinkFor("vera", "viewer"));
        await visit.GoAsync(viewer, run);

        // The canary shard goes first, then somebody has to say yes.
        await Expect(dba.GetByRole(AriaRole.Button, new() { Name = "Approve" })).ToBeVisibleAsync(new() { Timeout = 120_000 });
        await Expect(dba.GetByLabel("Reason")).ToContainTextAsync("Waiting for approval");
        await Expect(viewer.GetByLabel("Reason")).ToContainTextAsync("Waiting for approval");
        await Expect(viewer.GetByRole(AriaRole.Button, new() { Name = "Approve" })).ToHaveCountAsync(0);
        await Expect(Member(dba, "a-0")).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("7\\.2\\.5"));
        await Expect(Member(dba, "b-1")).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("7\\.2\\.4"));

        await dba.ReloadAsync();
        await Visit.ReadyAsync(dba);
        await dba.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();

        await Visit.ExpectStateAsync(viewer, "Succeeded");
        await Visit.ExpectStateAsync(dba, "Succeeded");
        await Expect(dba.Locator("body")).ToContainTextAsync("9 of 9 updated");
        await visit.GoAsync(viewer, "/clusters/demo/orders");
        await Expect(viewer.Locator(".topo-hit[aria-label*='7.2.5']")).ToHaveCountAsync(9);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task BadVersion_HaltsWithTheReason_OneClickRollbackAllGreen()
    {
        await using var visit = await Visit.StartAsync(chromium);
        var page = await visit.SignInAsync();
        await visit.StartRunAsync(page, "8.2.0-bad");

        await Visit.ExpectStateAsync(page, "Paused");
        await Expect(page.GetByLabel("Reason")).ToContainTextAsync(new System.Text.RegularExpressions.Regex("cannot start on 8\\.2\\.0-bad.*(ImagePullBackOff|ErrImagePull)"));
        await Expect(page.GetByLabel("Reason")).ToContainTextAsync("UpdatedUnhealthyHalts");

        await page.GetByRole(AriaRole.Button, new() { Name = "Roll back…" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Roll back", Exact = true }).ClickAsync();
        await Expect(page.Locator("h1").First).ToContainTextAsync("7.2.4", new() { Timeout = 60_000 });
        await Visit.ExpectStateAsync(page, "Succeeded");
        await visit.GoAsync(page, "/clusters/demo/orders");
        await Expect(page.Locator(".topo-hit[aria-label*='7.2.4']")).ToHaveCountAsync(9);
        await Expect(page.Locator("body")).ToContainTextAsync("9 of 9 ready");
        Assert.Empty(visit.Complaints);
    }
}
