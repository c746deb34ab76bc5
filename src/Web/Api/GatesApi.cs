using System.Collections.Immutable;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Api;

/// <summary>A decision about a gate.</summary>
/// <param name="PlanHash">The hash of the plan that was looked at; another one is 409 with what changed.</param>
/// <param name="Comment">Stands beside the decision for good; at most 2,000 characters.</param>
public sealed record GateRequest(string? PlanHash, string? Comment);

/// <param name="On">False takes the claim back.</param>
public sealed record ClaimRequest(bool On = true);

/// <param name="Comment">1 to 2,000 characters.</param>
public sealed record CommentRequest(string? Comment);

public static class GatesApi
{
    public static void MapGates(this IEndpointRouteBuilder api)
    {
        Decision(api, "approve", Caller.Approver, "Approve a gate",
            "One person counts once, by name, and nobody who made the plan or started the run (403 says who may instead). The gate opens when as many people as it asks for, and one of each of its groups, have approved.",
            (r, id, gate, hash, comment, who, ct) => r.ApproveAsync(id, gate, hash, comment, who, ct));
        Decision(api, "reject", Caller.Approver, "Reject a gate", "One rejection pauses the run; retry asks again, from nothing.",
            (r, id, gate, hash, comment, who, ct) => r.RejectAsync(id, gate, hash, comment, who, ct));
        Decision(api, "bypass", Caller.Admin, "Let the run through without the quorum", "Break-glass: needs a reason as `comment`, and stands on the run, in its report and in its journal for good.",
            (r, id, gate, hash, comment, who, ct) => r.BypassAsync(id, gate, hash, comment, who, ct));

        Saying<ClaimRequest>(api, "claim", p => p.RequireAuthorization(Caller.Approver), "Say that you look at it", "The others see it; it binds nobody. `on: false` takes it back, and so does a decision.",
            (r, id, gate, body, who, ct) => r.ClaimAsync(id, gate, body?.On ?? true, who, ct));
        Saying<CommentRequest>(api, "comment", p => p.RequireAuthorization(b => b.RequireAssertion(c => Auth.Principals.ToCaller(c.User) is var who && (who.Is(Caller.Operator) || who.Is(Caller.Approver)))),
            "Say something at a gate", "A word in the gate's thread, for operators and approvers; it decides nothing.", (r, id, gate, body, who, ct) => r.CommentAsync(id, gate, body?.Comment ?? "", who, ct));

        api.MapGet("/approvals", (Rollouts rollouts, HttpContext context) => rollouts.Approvals(context.Caller()))
            .WithTags("Gates").WithName("ListApprovals").WithSummary("Gates that wait for the caller").KeepsScope().Produces<ImmutableArray<PendingApproval>>()
            .WithDescription("Open gates that the caller may decide and has not decided yet, with the hash to approve.");
    }

    private static void Decision(IEndpointRouteBuilder api, string verb, string role, string summary, string description, Func<Rollouts, string, string, string, string, Caller, CancellationToken, Task<Result<RunView>>> decide) =>
        api.MapPost($"/runs/{{id}}/gates/{{gate}}:{verb}", async (string id, string gate, GateRequest? body, Rollouts rollouts, HttpContext context, CancellationToken ct) =>
                string.IsNullOrWhiteSpace(body?.PlanHash)
                    ? Answers.Of(new Refusal(RefusalKind.Invalid, "Say which plan you looked at.") { Errors = [new SpecError("/planHash", 0, "planHash is missing.", ["the run's planHash"])] })
                    : Answers.Of(await decide(rollouts, id, gate, body.PlanHash, body.Comment ?? "", context.Caller(), ct), Results.Ok))
            .RequireAuthorization(role).KeepsScope().WithTags("Gates").WithName($"{char.ToUpperInvariant(verb[0])}{verb[1..]}Gate").WithSummary(summary)
            .WithDescription($"{description} Another hash than the run's is 409 with `planHash` (the right one) and `changed`.").Produces<RunView>().Refuses(400, 403, 404, 409).Idempotent();

    private static void Saying<TBody>(IEndpointRouteBuilder api, string verb, Action<RouteHandlerBuilder> who, string summary, string description, Func<Rollouts, string, string, TBody?, Caller, CancellationToken, Task<Result<RunView>>> say)
        where TBody : class
    {
        var endpoint = api.MapPost($"/runs/{{id}}/gates/{{gate}}:{verb}", async (string id, string gate, TBody? body, Rollouts rollouts, HttpContext context, CancellationToken ct) =>
                Answers.Of(await say(rollouts, id, gate, body, context.Caller(), ct), Results.Ok))
            .WithTags("Gates").WithName($"{char.ToUpperInvariant(verb[0])}{verb[1..]}Gate").WithSummary(summary).WithDescription(description).Produces<RunView>().Refuses(400, 403, 404, 409).Idempotent();
        who(endpoint);
    }
}
