using System.Text;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Api;

public static class PlansApi
{
    public const int LargestSpec = 256 * 1024;

    private const string SpecHelp = "The body is a RolloutPlan (`apiVersion: rollcall.dev/v1alpha1`) in YAML (application/yaml) or JSON. A key that is unknown is an error; nothing is silently accepted. "
        + "Durations are written `90s`, `10m`, `4h`; `percent` is 1 to 100 of all shards, rounded up; `lag.maxBytes` is bytes, `lag.maxSeconds` seconds.";

    public static void MapPlans(this IEndpointRouteBuilder api)
    {
        api.MapPost("/plans:preview", async (HttpContext context, Rollouts rollouts, CancellationToken ct) =>
                await WithSpecAsync(context, async text => Answers.Of(await rollouts.PreviewAsync(text, context.Caller(), ct), plan => Results.Ok(plan))))
            .KeepsScope().Reads().WithTags("Plans").WithName("PreviewPlan").WithSummary("Validate and predict, store nothing").TakesSpec().Produces<PlanView>().Refuses(400, 409, 413, 503)
            .WithDescription(SpecHelp + " Findings, also of severity Error, are part of the answer; a specification that cannot be read or does not fit the cluster is 400 with `errors[]`: JSON pointer, line of the YAML, message, and what is allowed. `estimateSeconds` does not count the time people take at gates.");

        api.MapPost("/plans", async (HttpContext context, Rollouts rollouts, CancellationToken ct) =>
                await WithSpecAsync(context, async text => Answers.Of(await rollouts.CreatePlanAsync(text, context.Caller(), ct), plan => Results.Created($"{ApiSetup.Root}/plans/{plan.Id}", plan))))
            .RequireAuthorization(Caller.Operator).KeepsScope().WithTags("Plans").WithName("CreatePlan").WithSummary("Store a plan").TakesSpec().Produces<PlanView>(201).Refuses(400, 403, 409, 413, 503)
            .WithDescription(SpecHelp + " A finding of severity Error makes this 400 (a preview would be 200), and nothing is stored.");

        api.MapGet("/plans/{id}", async (string id, Rollouts rollouts, HttpContext context, CancellationToken ct) =>
                await rollouts.GetPlanAsync(id, context.Caller(), ct) is { } plan ? Results.Ok(plan) : Answers.NotFound($"There is no plan {id}."))
            .KeepsScope().WithTags("Plans").WithName("GetPlan").WithSummary("A stored plan").Produces<PlanView>().Refuses(404)
            .WithDescription("Its stages, its predicted steps in order, findings and totals. `hash` is what approvals are given to.");
    }

    private static RouteHandlerBuilder TakesSpec(this RouteHandlerBuilder endpoint) => endpoint.Accepts<PlanDocument>("application/yaml", "application/json").Idempotent();

    private static async Task<IResult> WithSpecAsync(HttpContext context, Func<string, Task<IResult>> use)
    {
        var type = context.Request.GetTypedHeaders().ContentType?.MediaType.Value;
        if (type is not null && !Understood.Contains(type, StringComparer.OrdinalIgnoreCase))
            return Results.Problem(statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Not YAML and not JSON", detail: $"Send a plan as one of {string.Join(", ", Understood)}; this was {type}.");
        using var reader = new StreamReader(context.Request.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        var buffer = new char[LargestSpec + 1];
        int length;
        try
        {
            length = await reader.ReadBlockAsync(buffer, context.RequestAborted);
        }
        catch (DecoderFallbackException)
        {
            return Answers.Of(new Refusal(RefusalKind.Invalid, "The plan is not UTF-8 text."));
        }
        return length > LargestSpec
            ? Results.Problem(statusCode: StatusCodes.Status413PayloadTooLarge, title: "Too large", detail: $"A plan has at most {LargestSpec / 1024} KiB.")
            : await use(new string(buffer, 0, length));
    }

    private static readonly string[] Understood = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain", "application/json"];
}

/// <summary>A RolloutPlan as people write it. What may stand where is checked by the engine, with the line; this only names the parts.</summary>
public sealed record PlanDocument
{
    /// <summary><c>rollcall.dev/v1alpha1</c>.</summary>
    public required string ApiVersion { get; init; }
    /// <summary><c>RolloutPlan</c>.</summary>
    public required string Kind { get; init; }
    /// <summary><c>name</c> and <c>namespace</c>.</summary>
    public required Dictionary<string, string> Metadata { get; init; }
    /// <summary><c>target</c>, <c>changes</c>, and optionally <c>stages</c>, <c>safety</c>, <c>rollback</c>, <c>acknowledge</c>.</summary>
    public required Dictionary<string, object> Spec { get; init; }
}
