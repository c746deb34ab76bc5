using System.Globalization;
using Microsoft.Playwright;

namespace Rollcall.Bench;

/// <summary>
/// The graph of a 10,000-instance cluster in a real Chromium under 1 % churn 4 times a second. Figures: first paint under 2 s, an update under 100 ms, memory flat.
/// </summary>
internal static class BrowserBench
{
    private const int Instances = 10_000;

    // Times every animation frame's script, style and layout: the layout is forced inside the measured stretch.
    private const string Probe = """
        window.__costs = [];
        const raf = window.requestAnimationFrame.bind(window);
        window.requestAnimationFrame = f => raf(t => {
          const start = performance.now();
          f(t);
          document.querySelector('.topo-svg')?.getBoundingClientRect();
          window.__costs.push(performance.now() - start);
        });
        new MutationObserver((_, o) => { if (document.querySelector('.topo-far, .topo-tile')) { window.__painted ??= performance.now(); o.disconnect(); } }).observe(document, { childList: true, subtree: true });
        """;

    public static async Task RunAsync(double minutes)
    {
        await using var server = await BenchServer.StartAsync(Instances);
        using var playwright = await Playwright.CreateAsync();
        var path = Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } given ? given : "/usr/bin/chromium";
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Headless = true, Args = ["--disable-gpu", "--enable-precise-memory-info"] });
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        await page.AddInitScriptAsync(Probe);
        await page.GotoAsync(server.LoginUrl);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.Locator("[data-circuit=ready]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });

        using var over = new CancellationTokenSource();
        var churn = Task.Run(() => server.ChurnAsync(Instances / 100, TimeSpan.FromMilliseconds(250), over.Token));
        var paints = new List<double>();
        for (var i = 0; i < 3; i++)
        {
            await page.GotoAsync($"{server.Url}clusters/{BigCluster.Key}");
            await page.WaitForFunctionAsync("() => window.__painted > 0", null, new() { Timeout = 60_000 });
            paints.Add(await page.EvaluateAsync<double>("window.__painted"));
        }
        var far = await CostsAsync(page, TimeSpan.FromSeconds(10));
        for (var i = 0; i < 4; i++)
            await page.GetByRole(AriaRole.Button, new() { Name = "Zoom in" }).ClickAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        var nodes = await page.EvaluateAsync<int>("document.querySelectorAll('.topo-svg *').length");
        var near = await CostsAsync(page, TimeSpan.FromSeconds(10));
        var cdp = await page.Context.NewCDPSessionAsync(page);
        var before = await HeapAsync(page, cdp);
        await Task.Delay(TimeSpan.FromMinutes(minutes), TimeProvider.System);
        var after = await HeapAsync(page, cdp);
        await over.CancelAsync();
        await churn;

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"browser: {Instances:N0} instances, {Instances / 100} changes 4 times a second"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  first paint of the graph after navigation, ms: {string.Join(", ", paints.Select(p => p.ToString("0", CultureInfo.InvariantCulture)))} (login page to graph excluded, page load and circuit included)"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  an update (script, style, layout), ms: whole map p50 {Swarm.At(far, 0.5):0.0} p99 {Swarm.At(far, 0.99):0.0}; zoomed in p50 {Swarm.At(near, 0.5):0.0} p99 {Swarm.At(near, 0.99):0.0} with {nodes:N0} nodes in the drawing"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  memory of the page over {minutes:0.#} min of churn: {before / 1048576:0.0} -> {after / 1048576:0.0} MB"));
    }

    private static async Task<double[]> CostsAsync(IPage page, TimeSpan during)
    {
        await page.EvaluateAsync("() => { window.__costs.length = 0; }");
        await Task.Delay(during, TimeProvider.System);
        return [.. (await page.EvaluateAsync<double[]>("window.__costs")).Order()];
    }

    private static async Task<double> HeapAsync(IPage page, ICDPSession cdp)
    {
        await page.EvaluateAsync("() => { window.__costs.length = 0; }");
        await cdp.SendAsync("HeapProfiler.collectGarbage");
        return await page.EvaluateAsync<double>("performance.memory.usedJSHeapSize");
    }
}
