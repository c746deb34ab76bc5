using System.Collections.Immutable;
using Rollcall.Engine.Execution;
using Rollcall.Shared;

namespace Rollcall.Web.Api;

/// <summary>A decision about a gate.</summary>
/// <param name="PlanHash">The hash of the plan that was looked at; another one is 409 with what changed.</param>
/// <param name="Comment">Stands beside the decision for good; at most 2,000 characters.</param>
public sealed record GateRequest(string? PlanHash, string? Comment);

public static class GatesApi
{
    public static void MapGates(this IEndpointRouteBuilder api)
    {
        Decision(api, "approve", "Approve a gate", "One person counts once, by name. The gate opens when as many people as it asks for, and one of each of its groups, have approved.",
            (r, id, gate, hash, comment, who, ct) => r.ApproveAsync(id, gate, hash, comment, who, ct));
        Decision(api, "reject", "Reject a gate", "One rejection pauses the run; retry asks again.",
            (r, id, gate, hash, comment, who, ct) => r.RejectAsync(id, gate, hash, comment, who, ct));

        api.MapGet("/approvals", (Rollouts rollouts, HttpContext context) => rollouts.Approvals(context.Caller()))
            .WithTags("Gates").WithName("ListApprovals").WithSummary("Gates that wait for the caller").Produces<ImmutableArray<PendingApproval>>()
            .WithDescription("Open gates that the caller may decide and has not decided yet, with the hash to approve.");
    }

    private static void Decision(IEndpointRouteBuilder api, string verb, string summary, string description, Func<Rollouts, string, string, string, string, Caller, CancellationToken, Task<Result<RunView>>> decide) =>
        api.MapPost($"/runs/{{id}}/gates/{{gate}}:{verb}", async (string id, string gate, GateRequest? body, Rollouts rollouts, HttpContext context, CancellationToken ct) =>
                string.IsNullOrWhiteSpace(body?.PlanHash)
                    ? Answers.Of(new Refusal(RefusalKind.Invalid, "Say which plan you looked at.") { Errors = [new SpecError("/planHash", 0, "planHash is missing.", ["the run's planHash"])] })
                    : Answers.Of(await decide(rollouts, id, gate, body.PlanHash, body.Comment ?? "", context.Caller(), ct), Results.Ok))
            .RequireAuthorization(Caller.Approver).WithTags("Gates").WithName($"{char.ToUpperInvariant(verb[0])}{verb[1..]}Gate").WithSummary(summary)
            .WithDescription($"{description} Another hash than the run's is 409 with `planHash` (the right one) and `changed`.").Produces<RunView>().Refuses(400, 403, 404, 409).Idempotent();
}
