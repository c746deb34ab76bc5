using System.Collections.Immutable;
using System.ComponentModel;
using System.Text;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Model.Reporting;

namespace Rollcall.Web.Api;

/// <summary>Which plan to run.</summary>
/// <param name="BypassFreeze">Why it is started in spite of a change freeze; admins only. Left out: it is not.</param>
public sealed record StartRunRequest(string? PlanId, string? BypassFreeze = null);

/// <param name="Rule"><c>HandoverWindow</c> or <c>ChangeFreeze</c>.</param>
/// <param name="Reason">Why; stands on the run, in its report and in its journal for good.</param>
public sealed record BypassWindowRequest(string? Rule, string? Reason);

/// <summary>Why; it goes into the journal.</summary>
public sealed record ReasonRequest(string? Reason);

/// <summary>Why, and what: all, or one shard.</summary>
/// <param name="Shard"><c>component/shard</c>: only this one, where it has templates of its own. Left out: all.</param>
public sealed record RollbackRunRequest(string? Reason, string? Shard);

/// <summary>Finish the member in hand, then pause.</summary>
/// <param name="On">False takes the wish back.</param>
/// <param name="Reason">Why; it goes into the journal.</param>
public sealed record StopAfterMemberRequest(bool On = true, string? Reason = null);

public static class RunsApi
{
    public const int UsualEvents = 500, MostEvents = 5000;

    public static void MapRuns(this IEndpointRouteBuilder api)
    {
        var runs = api.MapGroup("/runs").WithTags("Runs");

        runs.MapPost("/", StartAsync)
            .RequireAuthorization(Caller.Operator).KeepsScope().WithName("StartRun").WithSummary("Start a run of a plan").Accepts<StartRunRequest>("application/json").Produces<RunView>(202).Refuses(400, 403, 404, 409, 503).Idempotent()
            .WithDescription("409 when the cluster has an active run already (`runId` and `run` name it), when somebody else holds the cluster, in a change freeze, or when it is not any more as it was planned (`changed` says what).");

        runs.MapRunList();

        runs.MapGet("/{id}", GetRun)
            .KeepsScope().WithName("GetRun").WithSummary("A run with its steps, gates and reasons").Produces<RunView>().Refuses(404)
            .WithDescription("`reason` is the one sentence that says why it waits or stopped, with its evidence; it is never null while Waiting or Paused. `obligations` are what the run has taken and must give back.");

        runs.MapGet("/{id}/events", EventsAsync)
            .KeepsScope().WithName("ListRunEvents").WithSummary("The journal of a run").Produces<ImmutableArray<RunEventView>>().Refuses(400, 404)
            .WithDescription($"Events with `seq` greater than `after`, oldest first, at most `limit` (1 to {MostEvents}, {UsualEvents} if left out). Ask again with the last `seq` for more.");

        runs.MapGet("/{id}/report", ReportAsync)
            .KeepsScope().WithName("GetRunReport").WithSummary("A run for the change ticket").Produces<RunReport>(200, "application/json", "text/markdown").Refuses(400, 404)
            .WithDescription("Decisions at gates, pauses and commands with who and why, switchovers, members, what went otherwise than planned. `format` is `json` (if left out) or `markdown`; times in Markdown are UTC.");

        Command(runs, "pause", "Pause after what is in flight", (r, id, reason, who, ct) => r.PauseAsync(id, reason, who, ct), "The step under way is finished; nothing new starts. 409 when the run has ended or is paused already.");
        Command(runs, "resume", "Go on after a pause", (r, id, reason, who, ct) => r.ResumeAsync(id, reason, who, ct), "What failed is not attempted again; that is retry.");
        Command(runs, "retry", "Go on and attempt again what failed", (r, id, reason, who, ct) => r.RetryAsync(id, reason, who, ct), "Works on Paused runs. Attempts made before do not count against limits.");
        Command(runs, "abort", "End the run", (r, id, reason, who, ct) => r.AbortAsync(id, reason, who, ct), "What is held is given back only if every member runs one version and is Ready; otherwise it stays held and says so.");
        runs.MapPost("/{id}:rollback", async (string id, RollbackRunRequest? body, Rollouts rollouts, HttpContext context, CancellationToken ct) =>
                Answers.Of(await rollouts.RollbackAsync(id, Blank(body?.Shard), body?.Reason ?? "", context.Caller(), ct), Accepted))
            .RequireAuthorization(Caller.Operator).WithName("RollbackRun").WithSummary("Take back what the run did").Produces<RunView>(202).Refuses(400, 403, 404, 409, 503).Idempotent()
            .WithDescription("The answer is a run of its own, linked by `rollbackOf`; the first ends as Aborted. Waits for no gate. 409 with the legal alternative where a shard cannot go back. `shard` takes one shard back and leaves the others. "
                + "The rollback of a rollback goes forward again by the first plan, and its gates are asked again.");

        runs.MapPost("/{id}:stop-after-member", async (string id, StopAfterMemberRequest? body, Rollouts rollouts, HttpContext context, CancellationToken ct) =>
                Answers.Of(await rollouts.StopAfterMemberAsync(id, body?.On ?? true, body?.Reason ?? "", context.Caller(), ct), Results.Ok))
            .RequireAuthorization(Caller.Operator).KeepsScope().WithName("StopRunAfterMember").WithSummary("Finish the member in hand, then pause").Produces<RunView>().Refuses(403, 404, 409).Idempotent();

        runs.MapPost("/{id}:bypass-window", async (string id, BypassWindowRequest? body, Rollouts rollouts, HttpContext context, CancellationToken ct) =>
                Answers.Of(await rollouts.BypassWindowAsync(id, body?.Rule ?? "", body?.Reason ?? "", context.Caller(), ct), Results.Ok))
            .RequireAuthorization(Caller.Admin).KeepsScope().WithName("BypassRunWindow").WithSummary("Lift a handover window or a change freeze for a run").Produces<RunView>().Refuses(400, 403, 404, 409).Idempotent()
            .WithDescription("Break-glass: needs a reason, and stands on the run, in its report and in its journal for good. `calendar` of the run says what is in force and what was lifted.");

        Preview(runs.MapPost("/{id}:rollback-preview", (string id, RollbackRunRequest? body, Rollouts rollouts, HttpContext context, CancellationToken ct) =>
            PreviewAsync(id, body?.Shard, rollouts, context, ct)).Idempotent().Reads(), "PreviewRollback");
        Preview(runs.MapGet("/{id}/rollback-preview", ([Description("`component/shard`: only this one.")] string? shard, string id, Rollouts rollouts, HttpContext context, CancellationToken ct) =>
            PreviewAsync(id, shard, rollouts, context, ct)), "GetRollbackPreview");
    }

    private static void Preview(RouteHandlerBuilder endpoint, string name) => endpoint
        .RequireAuthorization(Caller.Operator).KeepsScope().WithName(name).WithSummary("What a rollback would do now").Produces<PlanView>().Refuses(403, 404, 409, 503)
        .WithDescription("The steps in their order, how many switchovers, and in `wayBack` who leads now and after, what cannot be undone, and which shards may go back alone. Nothing is stored or started.");

    private static async Task<IResult> PreviewAsync(string id, string? shard, Rollouts rollouts, HttpContext context, CancellationToken ct) =>
        Answers.Of(await rollouts.RollbackPreviewAsync(id, Blank(shard), context.Caller(), ct), Results.Ok);

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static void Command(RouteGroupBuilder runs, string verb, string summary, Func<Rollouts, string, string, Caller, CancellationToken, Task<Result<RunView>>> act, string description) =>
        runs.MapPost($"/{{id}}:{verb}", async (string id, ReasonRequest? body, Rollouts rollouts, HttpContext context, CancellationToken ct) =>
                Answers.Of(await act(rollouts, id, body?.Reason ?? "", context.Caller(), ct), Results.Ok))
            .RequireAuthorization(Caller.Operator).KeepsScope().WithName($"{char.ToUpperInvariant(verb[0])}{verb[1..]}Run").WithSummary(summary).WithDescription(description)
            .Produces<RunView>().Refuses(400, 403, 404, 409, 503).Idempotent();

    private static IResult GetRun(string id, Rollouts rollouts, HttpContext context)
    {
        if (rollouts.GetRun(id, context.Caller()) is not { } run)
            return NoRun(id);
        rollouts.Saw(run, context.Caller());
        return Results.Ok(run);
    }

    private static async Task<IResult> StartAsync(StartRunRequest? body, Rollouts rollouts, HttpContext context, CancellationToken ct) =>
        string.IsNullOrWhiteSpace(body?.PlanId)
            ? Answers.Of(new Refusal(RefusalKind.Invalid, "Say which plan to run.") { Errors = [new SpecError("/planId", 0, "planId is missing.", ["the id of a stored plan"])] })
            : Answers.Of(await rollouts.StartRunAsync(body.PlanId, context.Caller(), ct, body.BypassFreeze), Accepted);

    private static async Task<IResult> EventsAsync(string id, Rollouts rollouts, HttpContext context, CancellationToken ct, long after = 0, int limit = UsualEvents)
    {
        if (rollouts.GetRun(id, context.Caller()) is null)
            return NoRun(id);
        return limit is < 1 or > MostEvents
            ? Answers.Of(new Refusal(RefusalKind.Invalid, "The limit is out of range.") { Errors = [new SpecError("/limit", 0, $"{limit} events cannot be asked for at once.", [$"1 to {MostEvents}"])] })
            : Results.Ok(await rollouts.EventsAsync(id, after, limit, ct));
    }

    private static async Task<IResult> ReportAsync(string id, Reports reports, Rollouts rollouts, HttpContext context, CancellationToken ct, string format = "json")
    {
        if (format is not ("json" or "markdown"))
            return Answers.Of(new Refusal(RefusalKind.Invalid, "There is no such format.") { Errors = [new SpecError("/format", 0, $"A report cannot be written as {format}.", ["json", "markdown"])] });
        if (rollouts.GetRun(id, context.Caller()) is null || await reports.MakeAsync(id, ct) is not { } report)
            return NoRun(id);
        return format == "json" ? Results.Ok(report) : Results.File(Encoding.UTF8.GetBytes(ReportMarkdown.Write(report)), "text/markdown; charset=utf-8", $"rollcall-{id}.md");
    }

    private static IResult Accepted(RunView run) => Results.Accepted($"{ApiSetup.Root}/runs/{run.Id}", run);

    private static IResult NoRun(string id) => Answers.NotFound($"There is no run {id}.");
}
