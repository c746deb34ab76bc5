using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Rollcall.Shared;
using Rollcall.Web.Api;

namespace Rollcall.Bench;

/// <summary>The dashboard's HTTP API, as a program uses it. Anything but the expected answer ends the measurement with Rollcall's own words.</summary>
internal sealed class BenchApi(BenchServer server) : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _http = new() { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(10), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", server.Token) } };

    public void Dispose() => _http.Dispose();

    /// <summary>Until the dashboard has read the clusters and each member of this one is Ready.</summary>
    public async Task ClusterReadyAsync(string name, int members)
    {
        while (true)
        {
            using var answer = await _http.GetAsync("/api/v1/clusters");
            if ((await ReadAsync<ImmutableArray<ClusterSummary>>(answer)).Any(c => c.Name == name && c.Instances == members && c.Ready == members))
                return;
            await Task.Delay(Look, TimeProvider.System);
        }
    }

    /// <summary>A plan of one stage without gate and soak.</summary>
    public async Task<PlanView> StoreAsync(string space, string cluster, string component, string version, int shardsAtOnce)
    {
        var plan = string.Create(CultureInfo.InvariantCulture, $$"""
            apiVersion: rollcall.dev/v1alpha1
            kind: RolloutPlan
            metadata: { name: bench, namespace: {{space}} }
            spec:
              target: { kind: StatefulSetGroup, name: {{cluster}} }
              changes: [{ component: {{component}}, serviceVersion: {{version}} }]
              stages: [{ name: all, shards: rest, shardsAtOnce: {{shardsAtOnce}} }]
            """);
        using var content = new StringContent(plan, Encoding.UTF8, "application/yaml");
        using var answer = await _http.PostAsync("/api/v1/plans", content);
        return await ReadAsync<PlanView>(answer);
    }

    public async Task<RunView> StartAsync(PlanView plan)
    {
        using var answer = await _http.PostAsJsonAsync("/api/v1/runs", new { planId = plan.Id });
        return await ReadAsync<RunView>(answer);
    }

    /// <summary>The run when it has succeeded; one that stops on the way is no measurement.</summary>
    public async Task<RunView> SucceedsAsync(string id)
    {
        while (true)
        {
            using var answer = await _http.GetAsync($"/api/v1/runs/{id}");
            var run = await ReadAsync<RunView>(answer);
            if (run.State == RunState.Succeeded)
                return run;
            if (run.Terminal || run.State == RunState.Paused)
                throw new InvalidOperationException($"The run is {run.State}: {run.Reason?.Text}");
            await Task.Delay(Look, TimeProvider.System);
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        await using var body = await answer.Content.ReadAsStreamAsync();
        return (await JsonSerializer.DeserializeAsync<T>(body, ApiJson.Options))!;
    }
}
