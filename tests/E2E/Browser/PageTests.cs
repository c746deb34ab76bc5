using Deque.AxeCore.Playwright;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Rollcall.E2E.Support;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.E2E.Browser;

/// <summary>Every page, both themes, wide and narrow: no console error, nothing serious or critical for axe, nothing wider than the window; every asset there and not empty.</summary>
[Collection(BrowserTests.Name)]
public sealed class PageTests(Chromium chromium)
{
    [Fact]
    public async Task Pages_BothThemesWideAndNarrow_AxeFindsNothingSerious()
    {
        await using var outside = await Outside.StartAsync(TestContext.Current.CancellationToken);
        await using var visit = await Visit.StartAsync(chromium, null, $"--Rollcall:Notifications:Url={outside.Hook}");
        string[] pages = ["/", "/clusters/demo/orders", "/clusters/demo/orders?view=table", "/compose?cluster=demo/orders", "/runs", "/approvals", "/settings", "/settings/tokens", "/settings/people", "/settings/screens", "/settings/notifications", "/clusters/demo/orders?select=redis/shard-a/orders-a-1&tab=conditions", "/clusters/demo/orders?select=redis/shard-a/orders-a-1&tab=yaml", "/audit", "/nothing-here"];
        var problems = new List<string>();
        string? run = null;
        var link = visit.LoginUrl;
        foreach (var (scheme, width) in new[] { (ColorScheme.Dark, 1440), (ColorScheme.Light, 390) })
        {
            var page = await visit.SignInAsync(link, width, scheme);
            link = visit.LinkFor($"admin-{width}", "admin");
            foreach (var path in pages)
            {
                await visit.GoAsync(page, path);
                await page.Locator("h1").First.WaitForAsync();
                await LookAsync(page, path);
            }

            await visit.GoAsync(page, "/compose?cluster=demo/orders");
            await page.Locator("[aria-label^='Unfold stage']").First.ClickAsync();
            await page.Locator(".topo-pick[aria-checked=true]").First.WaitForAsync();
            await LookAsync(page, "Compose with a stage open");
            await page.GetByRole(AriaRole.Tab, new() { Name = "YAML" }).ClickAsync();
            await page.Locator(".cm-content").WaitForAsync();
            await LookAsync(page, "Compose as YAML");

            run ??= await AnalysedAsync(visit, outside);
            await visit.GoAsync(page, run);
            await page.Locator("details.analysis:not([open]) > summary").ClickAsync();
            await page.Locator("details.analysis[open] .apexcharts-canvas").WaitForAsync();
            await LookAsync(page, "Run with an analysis");

            async Task LookAsync(IPage seen, string what)
            {
                if (await seen.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth") is > 1 and var wide)
                    problems.Add($"{what} at {width}: {wide} px wider than the window");
                var found = await seen.RunAxe();
                problems.AddRange(found.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{what} at {width} {scheme}: {v.Id} ({v.Impact}) {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html))}"));
            }
        }
        Assert.True(problems.Count == 0, string.Join(Environment.NewLine, problems));
        Assert.DoesNotContain(visit.Complaints, c => !c.Contains("nothing-here", StringComparison.Ordinal));
    }

    /// <summary>A run whose first stage has been measured and that waits at its gate.</summary>
    private static async Task<string> AnalysedAsync(Visit visit, Outside outside)
    {
        var ct = TestContext.Current.CancellationToken;
        var rollouts = visit.Services.GetRequiredService<Rollouts>();
        var caller = new Caller("ann", [Caller.Operator], []);
        var plan = await rollouts.CreatePlanAsync(
            $$"""
            apiVersion: rollcall.dev/v1alpha1
            kind: RolloutPlan
            metadata: { name: measured, namespace: demo }
            spec:
              target: { kind: StatefulSetGroup, name: orders }
              changes: [ { component: redis, serviceVersion: 7.2.5 } ]
              stages:
              - name: first
                shards: { count: 1 }
                analysis: [ { name: checkout, on: AfterShard, json: { url: "{{outside.Metric}}", path: "$.ratio" }, min: 0.995, interval: 1s, count: 2 } ]
              - { name: rest, shards: rest, gate: { approvals: 1 } }
            """,
            caller, ct);
        Assert.True(plan.Ok, plan.Refusal?.Message);
        var run = await rollouts.StartRunAsync(plan.Value.Id, caller, ct);
        Assert.True(run.Ok, run.Refusal?.Message);
        await Poll.UntilAsync("the run waits at its gate", TimeSpan.FromMinutes(2), () => Task.FromResult(rollouts.GetRun(run.Value.Id)!), r => r.Gates.Any(g => g.State is GateState.Open), r => $"{r.State}: {r.Reason?.Text}", ct);
        return $"/runs/{run.Value.Id}";
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
