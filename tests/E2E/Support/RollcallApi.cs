using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Rollcall.Shared;
using Rollcall.Web.Api;

namespace Rollcall.E2E.Support;

/// <summary>The HTTP API, as a program uses it. An answer that is not the expected kind is a failure with Rollcall's own words in it.</summary>
public sealed class RollcallApi(HttpClient http, Func<string> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public async Task<PlanView> StoreAsync(string plan, CancellationToken ct)
    {
        using var answer = await PostPlanAsync(plan, ct);
        return await ReadAsync<PlanView>(answer, ct);
    }

    /// <summary>Stores the plan and starts it.</summary>
    public async Task<RunView> StartAsync(string plan, CancellationToken ct) => await PostAsync<RunView>("/api/v1/runs", new { planId = (await StoreAsync(plan, ct)).Id }, ct);

    public async Task<(HttpStatusCode Status, string Detail)> RefusedToStoreAsync(string plan, CancellationToken ct)
    {
        using var answer = await PostPlanAsync(plan, ct);
        return await RefusalAsync(answer, ct);
    }

    public async Task<(HttpStatusCode Status, string Detail)> RefusedToStartAsync(PlanView plan, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using var answer = await http.PostAsJsonAsync("/api/v1/runs", new { planId = plan.Id }, ct);
        return await RefusalAsync(answer, ct);
    }

    public Task<RunView> ApproveAsync(RunView run, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(run);
        var gate = run.Gates.First(g => g.State is GateState.Open);
        return PostAsync<RunView>($"/api/v1/runs/{run.Id}/gates/{Uri.EscapeDataString(gate.Name)}:approve", new { run.PlanHash, comment = "looks good" }, ct);
    }

    /// <summary>pause, resume, retry, abort, rollback.</summary>
    public Task<RunView> CommandAsync(string run, string verb, CancellationToken ct) => PostAsync<RunView>($"/api/v1/runs/{run}:{verb}", new { reason = "" }, ct);

    public async Task<(HttpStatusCode Status, string Detail)> RefusedCommandAsync(string run, string verb, CancellationToken ct)
    {
        using var answer = await http.PostAsJsonAsync($"/api/v1/runs/{run}:{verb}", new { reason = "" }, ct);
        return await RefusalAsync(answer, ct);
    }

    public async Task<RunView> RunAsync(string id, CancellationToken ct)
    {
        using var answer = await http.GetAsync($"/api/v1/runs/{id}", ct);
        return await ReadAsync<RunView>(answer, ct);
    }

    public async Task<ClusterSummary> ClusterAsync(string name, CancellationToken ct)
    {
        using var answer = await http.GetAsync("/api/v1/clusters", ct);
        return (await ReadAsync<ImmutableArray<ClusterSummary>>(answer, ct)).Single(c => c.Name == name);
    }

    public Task<ClusterSummary> ClusterUntilAsync(string name, string what, Func<ClusterSummary, bool> holds, CancellationToken ct) =>
        Poll.UntilAsync($"{name}: {what}", Patience, () => ClusterAsync(name, ct), holds, c => $"{c}\n{log()}", ct);

    /// <param name="patience">How long it may take, two minutes unless told.</param>
    public async Task<RunView> UntilAsync(string id, string what, Func<RunView, bool> holds, CancellationToken ct, TimeSpan? patience = null)
    {
        var run = await Poll.UntilAsync($"run {id}: {what}", patience ?? Patience, () => RunAsync(id, ct), r => r.Terminal || holds(r), r => $"{Describe(r)}\n{log()}", ct);
        return holds(run) ? run : throw new InvalidOperationException($"Run {id} ended and never came true: {what}. {Describe(run)}\n{log()}");
    }

    public Task<RunView> UntilAsync(string id, RunState state, CancellationToken ct, TimeSpan? patience = null) => UntilAsync(id, $"{state}", r => r.State == state, ct, patience);

    /// <summary>Until the run has succeeded; one that stops on the way fails the test at once.</summary>
    public async Task<RunView> SucceedsAsync(string id, CancellationToken ct, TimeSpan? patience = null)
    {
        var run = await UntilAsync(id, "has succeeded or stopped", r => r.Terminal || r.State == RunState.Paused, ct, patience);
        return run.State == RunState.Succeeded ? run : throw new InvalidOperationException($"Run {id} stopped on the way. {Describe(run)}\n{log()}");
    }

    private async Task<HttpResponseMessage> PostPlanAsync(string plan, CancellationToken ct)
    {
        using var content = new StringContent(plan, Encoding.UTF8, "application/yaml");
        return await http.PostAsync("/api/v1/plans", content, ct);
    }

    private static async Task<(HttpStatusCode Status, string Detail)> RefusalAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        var body = await answer.Content.ReadFromJsonAsync<JsonObject>(ct);
        return answer.IsSuccessStatusCode ? throw new InvalidOperationException($"It was not refused: {body}") : (answer.StatusCode, body?["detail"]?.GetValue<string>() ?? "");
    }

    private async Task<T> PostAsync<T>(string path, object body, CancellationToken ct)
    {
        using var answer = await http.PostAsJsonAsync(path, body, ct);
        return await ReadAsync<T>(answer, ct);
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken ct)
    {
        var text = await answer.Content.ReadAsStringAsync(ct);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {text}\n{log()}");
        return System.Text.Json.JsonSerializer.Deserialize<T>(text, ApiJson.Options)!;
    }

    private static string Describe(RunView run) =>
        $"{run.State}: {run.Reason?.Text} {string.Join(", ", run.Steps.Where(s => s.State is not (StepState.Pending or StepState.Succeeded)).Select(s => $"{s.Id} {s.State} {s.Reason?.Text}"))}";
}
