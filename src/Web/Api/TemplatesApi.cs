using System.Collections.Immutable;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Api;

/// <summary>A document to be kept.</summary>
/// <param name="Name">1 to 80 characters; one template for one name, whatever its capitals.</param>
/// <param name="Spec">A RolloutPlan in YAML or JSON.</param>
/// <param name="Replace">Take the place of the template with this name; without it that is 409.</param>
public sealed record TemplateRequest(string? Name, string? Spec, bool Replace = false);

/// <summary>Not open to tokens that are limited to some clusters: a template belongs to all of them.</summary>
public static class TemplatesApi
{
    public static void MapTemplates(this IEndpointRouteBuilder api)
    {
        var templates = api.MapGroup("/templates").WithTags("Plans");

        templates.MapGet("/", async (Rollouts rollouts, CancellationToken ct) => Results.Ok(await rollouts.TemplatesAsync(ct)))
            .WithName("ListTemplates").WithSummary("Templates that plans can be started from").Produces<ImmutableArray<PlanTemplate>>();

        templates.MapPost("/", async (TemplateRequest? body, Rollouts rollouts, HttpContext context) =>
                Answers.Of(await rollouts.SaveTemplateAsync(body?.Name ?? "", body?.Spec ?? "", body?.Replace ?? false, context.Caller()), t => Results.Created($"{ApiSetup.Root}/templates/{t.Id}", t)))
            .RequireAuthorization(Caller.Operator).WithName("SaveTemplate").WithSummary("Keep a plan's document under a name").Idempotent().Produces<PlanTemplate>(201).Refuses(400, 403, 409, 503)
            .WithDescription("It must read as a plan for a cluster in sight. Whether it would be allowed there is asked when it is opened, because profiles and clusters change.");

        templates.MapGet("/{id}", async (string id, Rollouts rollouts, CancellationToken ct) => await rollouts.GetTemplateAsync(id, ct) is { } template ? Results.Ok(template) : Answers.NotFound($"There is no template {id}."))
            .WithName("GetTemplate").WithSummary("One template").Produces<PlanTemplate>().Refuses(404);

        templates.MapDelete("/{id}", async (string id, Rollouts rollouts, HttpContext context) => Answers.Of(await rollouts.DeleteTemplateAsync(id, context.Caller()), _ => Results.NoContent()))
            .RequireAuthorization(Caller.Operator).WithName("DeleteTemplate").WithSummary("Delete a template").Produces(204).Refuses(403, 404)
            .WithDescription("Plans that were started from it stay as they are.");
    }
}
