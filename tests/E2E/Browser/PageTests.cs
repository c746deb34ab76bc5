using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace Rollcall.E2E.Browser;

/// <summary>Every page, both themes, wide and narrow: no console error, nothing serious or critical for axe, nothing wider than the window; every asset there and not empty.</summary>
[Collection(BrowserTests.Name)]
public sealed class PageTests(Chromium chromium)
{
    [Fact]
    public async Task Pages_BothThemesWideAndNarrow_AxeFindsNothingSerious()
    {
        await using var visit = await Visit.StartAsync(chromium);
        string[] pages = ["/", "/clusters/demo/orders", "/clusters/demo/orders?view=table", "/compose?cluster=demo/orders", "/runs", "/approvals", "/settings", "/settings/tokens", "/settings/people", "/settings/screens", "/clusters/demo/orders?select=redis/shard-a/orders-a-1&tab=conditions", "/clusters/demo/orders?select=redis/shard-a/orders-a-1&tab=yaml", "/audit", "/nothing-here"];
        var problems = new List<string>();
        var link = visit.LoginUrl;
        foreach (var (scheme, width) in new[] { (ColorScheme.Dark, 1440), (ColorScheme.Light, 390) })
        {
            var page = await visit.SignInAsync(link, width, scheme);
            link = visit.LinkFor($"admin-{width}", "admin");
            foreach (var path in pages)
            {
                await visit.GoAsync(page, path);
                await page.Locator("h1").First.WaitForAsync();
                if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth") is > 1 and var wide)
                    problems.Add($"{path} at {width}: {wide} px wider than the window");
                var found = await page.RunAxe();
                problems.AddRange(found.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{path} at {width} {scheme}: {v.Id} ({v.Impact}) {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html))}"));
            }
        }
        Assert.True(problems.Count == 0, string.Join(Environment.NewLine, problems));
        Assert.DoesNotContain(visit.Complaints, c => !c.Contains("nothing-here", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Assets_EveryScriptAndStyle_IsThereAndNotEmpty()
    {
        await using var visit = await Visit.StartAsync(chromium);
        var page = await visit.NewPageAsync();
        var seen = new List<(string Url, int Status, int Length)>();
        page.Response += async (_, r) =>
        {
            if (r.Request.ResourceType is "script" or "stylesheet" or "font")
            {
                var body = r.Status == 200 ? await r.BodyAsync() : [];
                lock (seen)
                    seen.Add((r.Url, r.Status, body.Length));
            }
        };
        await page.GotoAsync(visit.LoginUrl);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Visit.ReadyAsync(page);
        await visit.GoAsync(page, "/clusters/demo/orders");
        await page.Locator(".topo-lane").First.WaitForAsync();
        Assert.Contains(seen, s => s.Url.Contains("blazor.web", StringComparison.Ordinal));
        Assert.Contains(seen, s => s.Url.Contains("topology", StringComparison.Ordinal));
        // 304: the same file a second time, out of the browser's own cache.
        Assert.All(seen.Where(s => s.Status != 304), s => Assert.True(s.Status == 200 && s.Length > 0, $"{s.Url}: {s.Status}, {s.Length} bytes"));
    }
}
