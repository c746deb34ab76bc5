using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Shared;

namespace Rollcall.Web.Api;

/// <summary>The engine's results as HTTP: a value is an answer, a <see cref="Refusal"/> is problem+json with everything a program needs to put it right.</summary>
public static class Answers
{
    public static IResult Of<T>(Result<T> result, Func<T, IResult> good)
    {
        ArgumentNullException.ThrowIfNull(good);
        return result.Ok ? good(result.Value) : Of(result.Refusal);
    }

    public static IResult Of(Refusal refusal) => Results.Problem(ToProblem(refusal));

    public static IResult NotFound(string message) => Of(new Refusal(RefusalKind.NotFound, message));

    public static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Invalid => StatusCodes.Status400BadRequest,
        RefusalKind.NotFound => StatusCodes.Status404NotFound,
        RefusalKind.Conflict => StatusCodes.Status409Conflict,
        RefusalKind.Forbidden => StatusCodes.Status403Forbidden,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    /// <summary>Extension members: <c>errors</c>, <c>findings</c>, <c>runId</c> with <c>run</c> (its address), <c>planHash</c>, <c>changed</c>; each only where there is something to say.</summary>
    public static ProblemDetails ToProblem(Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        var problem = new ProblemDetails { Status = StatusOf(refusal.Kind), Title = Title(refusal.Kind), Detail = refusal.Message };
        // Invalid always has the list, so that a program need not ask whether it is there.
        if (refusal.Kind == RefusalKind.Invalid || !refusal.Errors.IsDefaultOrEmpty)
            problem.Extensions["errors"] = refusal.Errors.IsDefault ? ImmutableArray<SpecError>.Empty : refusal.Errors;
        if (!refusal.Findings.IsDefaultOrEmpty)
            problem.Extensions["findings"] = refusal.Findings;
        if (refusal.RunId is { } run)
        {
            problem.Extensions["runId"] = run;
            problem.Extensions["run"] = $"{ApiSetup.Root}/runs/{run}";
        }
        if (refusal.PlanHash is { } hash)
            problem.Extensions["planHash"] = hash;
        if (!refusal.Changed.IsDefaultOrEmpty)
            problem.Extensions["changed"] = refusal.Changed;
        return problem;
    }

    private static string Title(RefusalKind kind) => kind switch
    {
        RefusalKind.Invalid => "Not valid",
        RefusalKind.NotFound => "Not found",
        RefusalKind.Conflict => "Not now",
        RefusalKind.Forbidden => "Not allowed",
        _ => "Not available",
    };
}
