using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Api;

/// <summary>Programs get problem+json for everything that is not an answer; people get a page.</summary>
public static class ApiErrors
{
    public static void UseApiErrors(this WebApplication app)
    {
        app.UseExceptionHandler("/error", createScopeForErrors: true);
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        // Inside the other, and therefore first: what it wrote is left alone.
        app.UseWhen(context => Refusals.IsProgrammatic(context.Request.Path), programs => programs.UseStatusCodePages());
    }
}

/// <summary>A request nobody could read is the caller's 400; anything else that was thrown is our 500, without its insides.</summary>
public sealed class ApiExceptionHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        // The request's own path is that of the error page by now.
        if (!Refusals.IsProgrammatic(httpContext.Features.GetRequiredFeature<IExceptionHandlerPathFeature>().Path))
            return false;
        var (status, title, detail) = exception is BadHttpRequestException bad
            ? (bad.StatusCode, "The request cannot be read", bad.InnerException?.Message ?? bad.Message)
            : (StatusCodes.Status500InternalServerError, "Something broke on our side", "Nothing is known to have been changed. The log of the dashboard has the details.");
        httpContext.Response.StatusCode = status;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, Exception = exception, ProblemDetails = { Status = status, Title = title, Detail = detail } });
    }
}
