using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Rollcall.E2E.Browser;

/// <summary>What only a browser shows of Compose: the editor under the page's own policy, keys, cards that are dragged, shards that are picked.</summary>
[Collection(BrowserTests.Name)]
public sealed class ComposePageTests(Chromium chromium)
{
    [Fact]
    public async Task Compose_ByKeyboard_FormAndYamlAreOneDocument()
    {
        await using var visit = await Visit.StartAsync(chromium);
        var page = await visit.SignInAsync();
        await visit.GoAsync(page, "/compose?cluster=demo/orders");

        // The editor proposes from the schema, shows the server's error at its line, and lets go by Esc and Tab.
        await ChooseAsync(page, "YAML");
        var editor = page.GetByRole(AriaRole.Textbox, new() { Name = "Plan as YAML" });
        await editor.FocusAsync();
        await page.Keyboard.PressAsync("Control+End");
        await page.Keyboard.TypeAsync("  saf");
        await page.GetByRole(AriaRole.Option, new() { Name = "safety" }).WaitForAsync();
        await page.Keyboard.TypeAsync("ety: { readyDeadline: soon } # patience");
        await page.Locator(".cm-lint-marker-error").WaitForAsync();
        var errors = page.GetByRole(AriaRole.Status).Filter(new() { HasText = "soon" });
        await Expect(errors).ToContainTextAsync("Line ");
        var line = await page.Locator(".cm-line").EvaluateAllAsync<int>("lines => 1 + lines.findIndex(l => l.textContent.includes('soon'))");
        await Expect(errors.GetByRole(AriaRole.Button)).ToHaveTextAsync($"Line {line}:");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("Tab");
        await Expect(editor).Not.ToBeFocusedAsync();
        await errors.GetByRole(AriaRole.Button).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(editor).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("End");
        for (var i = 0; i < "soon } # patience".Length; i++)
            await page.Keyboard.PressAsync("Backspace");
        await page.Keyboard.TypeAsync("7m } # patience");
        await Expect(page.Locator("#yaml-errors li")).ToHaveCountAsync(0);

        // The form is the same document; cards move by key and by mouse, and the comment stays.
        await ChooseAsync(page, "Form");
        await Expect(page.GetByLabel("Ready within")).ToHaveValueAsync("7m");
        var names = page.Locator("[data-stage] .brief strong");
        var grips = page.Locator(".grip");
        await Expect(names).ToHaveTextAsync(["canary", "rest"]);
        await grips.First.FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(names).ToHaveTextAsync(["rest", "canary"]);
        await Expect(grips.Nth(1)).ToBeFocusedAsync();
        await Expect(page.GetByText("Stage canary is now 2 of 2.")).ToBeAttachedAsync();
        var (from, to) = ((await grips.Nth(1).BoundingBoxAsync())!, (await grips.First.BoundingBoxAsync())!);
        await page.Mouse.MoveAsync(from.X + 8, from.Y + 8);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(to.X + 8, to.Y - 20, new() { Steps = 6 });
        await page.Mouse.UpAsync();
        await Expect(names).ToHaveTextAsync(["canary", "rest"]);
        await page.GetByRole(AriaRole.Tab, new() { Name = "YAML" }).ClickAsync();
        await Expect(editor).ToContainTextAsync("readyDeadline: 7m");
        await Expect(editor).ToContainTextAsync("# patience");
        Assert.Empty(visit.Complaints);
    }

    /// <summary>By its key. A page that has just opened gives its heading the focus, which may come between the focus and the key; then once more.</summary>
    private static async Task ChooseAsync(IPage page, string name)
    {
        var tab = page.GetByRole(AriaRole.Tab, new() { Name = name });
        for (var i = 0; i < 20; i++)
        {
            await tab.PressAsync("Enter");
            if (await tab.EvaluateAsync<bool>("tab => new Promise(done => { const until = performance.now() + 2000; const look = () => tab.ariaSelected === 'true' ? done(true) : performance.now() > until ? done(false) : requestAnimationFrame(look); look(); })"))
                return;
        }
        await Expect(tab).ToHaveAttributeAsync("aria-selected", "true");
    }

    [Fact]
    public async Task Shards_PickedOnTheGraph_AreInTheDocumentAndBack()
    {
        await using var visit = await Visit.StartAsync(chromium);
        var page = await visit.SignInAsync(width: 390, scheme: ColorScheme.Light);
        await visit.GoAsync(page, "/compose?cluster=demo/orders");
        var shards = page.GetByRole(AriaRole.Checkbox, new() { NameRegex = new("^Shard shard-") });
        await Expect(shards).ToHaveCountAsync(3);
        await Expect(shards.First).ToHaveAttributeAsync("aria-disabled", "true"); // no stage was chosen

        await page.Locator("[aria-label='Unfold stage canary']").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pick its shards on the graph" }).ClickAsync();
        await Expect(page.Locator(".picker")).ToBeFocusedAsync();
        await Expect(shards.First).ToBeCheckedAsync();

        // By a click on a member of it, taken back by key, and a range by Shift.
        await page.Locator(".topo-lane").Nth(2).Locator(".topo-member .topo-hit").First.ClickAsync();
        await Expect(shards.Nth(2)).ToBeCheckedAsync();
        await Expect(page.Locator(".names input:checked")).ToHaveCountAsync(2);
        await shards.Nth(2).FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Expect(shards.Nth(2)).Not.ToBeCheckedAsync();
        await Expect(page.GetByLabel("Shards", new() { Exact = true })).ToHaveValueAsync("Count"); // as it was
        await page.Keyboard.PressAsync("ArrowUp");
        await Expect(shards.Nth(1)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Space");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Shift+Space");
        await Expect(page.Locator(".picker").GetByText("canary takes 3 of 3 shards.")).ToBeVisibleAsync();

        // What is in two stages is said, and the YAML is the same document, both ways.
        await page.GetByRole(AriaRole.Radio, new() { NameRegex = new("rest") }).CheckAsync();
        await shards.First.PressAsync("Enter");
        await Expect(page.Locator(".troubles")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("shard-a is in stage 1 canary and again in stage 2 rest."));
        await Expect(shards.First).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("in stage 1 canary and again in stage 2 rest"));
        await page.GetByRole(AriaRole.Tab, new() { Name = "YAML" }).ClickAsync();
        var editor = page.GetByRole(AriaRole.Textbox, new() { Name = "Plan as YAML" });
        await Expect(editor).ToContainTextAsync("names: [shard-a, shard-b, shard-c]");
        await page.Locator(".cm-line", new() { HasText = "names: [shard-a, shard-b, shard-c]" }).ClickAsync();
        await page.Keyboard.PressAsync("Home");
        for (var i = 0; i < "shards: { names: [".Length; i++)
            await page.Keyboard.PressAsync("ArrowRight");
        for (var i = 0; i < "shard-a, ".Length; i++)
            await page.Keyboard.PressAsync("Delete");
        await page.GetByRole(AriaRole.Tab, new() { Name = "Form" }).ClickAsync();
        await Expect(shards.First).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("ready, in stage 2 rest$"));
        await Expect(page.Locator(".troubles")).ToHaveCountAsync(0);
        Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0, 1);
        Assert.Empty(visit.Complaints);
    }
}
