using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Rollcall.Shared;
using Rollcall.Web.Screens;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Rollcall.E2E.Browser;

/// <summary>A status screen as a wall sees it: no login, live, read-only, and over when it is taken back. And the drawer of a member, by keyboard alone.</summary>
[Collection(BrowserTests.Name)]
public sealed class StatusTests(Chromium chromium)
{
    private static readonly Caller Admin = new("ada", [Caller.Admin], []);

    [Fact]
    public async Task StatusScreen_WithoutALogin_FollowsTheRunAndEndsWhenItIsTakenBack()
    {
        await using var visit = await Visit.StartAsync(chromium);
        var dba = await visit.SignInAsync();
        await visit.GoAsync(dba, "/clusters/demo/orders");
        await Expect(dba.Locator(".topo-lane")).ToHaveCountAsync(3);
        var screens = visit.Services.GetRequiredService<ScreenService>();
        var screen = screens.Mint("wall", "The wall", ["demo/orders"], TimeSpan.FromHours(1), open: false, Admin);
        Assert.True(screen.Ok, screen.Refusal?.Message);

        var wall = await visit.NewPageAsync();
        var phone = await visit.NewPageAsync(390, ColorScheme.Light);
        foreach (var page in (IPage[])[wall, phone])
        {
            await page.GotoAsync(screen.Value.Url);
            await Expect(page.Locator(".status-word")).ToHaveTextAsync("all well");
            await Expect(page.Locator(".topo-lane")).ToHaveCountAsync(3);
            await Expect(page.Locator(".status-fresh")).ToHaveTextAsync(new Regex("^live, data .* old$"));
            Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0, 1);
            Assert.DoesNotContain((await page.RunAxe()).Violations, v => v.Impact is "serious" or "critical");
        }
        Assert.Equal(0, await wall.Locator("form, [href*='/runs'], .btn:not([data-zoom])").CountAsync());

        await visit.StartRunAsync(dba, "7.2.5");
        await Expect(wall.Locator(".status-word")).ToHaveTextAsync("waits for approval", new() { Timeout = 120_000 });
        await Expect(wall.Locator(".status-reason")).ToContainTextAsync("Waiting for approval");
        await Expect(wall.Locator(".status-figure").First).ToContainTextAsync("3 of 9");
        await Expect(wall.Locator(".topo-hit[aria-label*='7.2.5']")).ToHaveCountAsync(3);

        screens.Revoke(screen.Value.Id, Admin);
        await Expect(wall.Locator("h1")).ToHaveTextAsync("This link opens no status screen", new() { Timeout = 60_000 });
        // The browser notes the refusal that ends it; nothing else may have gone wrong.
        Assert.DoesNotContain(visit.Complaints, c => !c.Contains("401", StringComparison.Ordinal) && !c.Contains("404", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Drawer_ByKeyboardAlone_OpensWalksItsTabsAndGivesTheFocusBack()
    {
        await using var visit = await Visit.StartAsync(chromium);
        var page = await visit.SignInAsync();
        await visit.GoAsync(page, "/clusters/demo/orders");
        var member = page.Locator(".topo-hit[aria-label*='a-1']").First;
        await member.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#drawer-title")).ToBeFocusedAsync();

        await page.GetByRole(AriaRole.Tab, new() { Name = "Summary" }).FocusAsync();
        await page.Keyboard.PressAsync("End");
        await Expect(page.GetByRole(AriaRole.Tab, new() { Name = "YAML" })).ToBeFocusedAsync();
        await Expect(page.Locator("pre")).ToContainTextAsync("name: orders-a-1");
        await Expect(page).ToHaveURLAsync(new Regex("tab=yaml"));
        await page.Keyboard.PressAsync("Home");
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.GetByRole(AriaRole.Tabpanel).Last).ToContainTextAsync("Started");

        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#drawer-title")).ToHaveCountAsync(0);
        await Expect(member).ToBeFocusedAsync();
        Assert.Empty(visit.Complaints);
    }
}
