namespace Rollcall.Web.Api;

/// <summary>The HTTP API: one file for each resource, and what they have in common here.</summary>
public static class ApiSetup
{
    public const string Root = "/api/v1";

    public static void AddApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(o => ApiJson.Apply(o.SerializerOptions));
        services.AddProblemDetails();
        services.AddExceptionHandler<ApiExceptionHandler>();
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.AddApiDescription();
    }

    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup(Root).RequireAuthorization().AddEndpointFilter(NoStore);
        api.MapClusters();
        api.MapInstances();
        api.MapPlans();
        api.MapTemplates();
        api.MapRuns();
        api.MapGates();
        api.MapInvitations();
        api.MapLinks();
        api.MapRules();
        api.MapTokens();
        api.MapAccounts();
        api.MapAudit();
        api.MapScreens();
        api.MapNotifications();
        routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
    }

    /// <summary>Answers belong to who asked; nothing in between may keep them. Topology says itself what may be revalidated.</summary>
    private static ValueTask<object?> NoStore(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Response.Headers.CacheControl = "no-store";
        return next(context);
    }
}
