using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Model.Watching;

namespace Rollcall.Web.Api;

/// <summary>The list of runs, a page at a time: the body stays a plain array, what comes next stands in the headers.</summary>
public static class RunListApi
{
    public const int Usual = 100, Most = 500;
    public const string ContinueHeader = "X-Continue", RemainingHeader = "X-Remaining-Item-Count";

    public static void MapRunList(this RouteGroupBuilder runs) =>
        runs.MapGet("/", List)
            .KeepsScope().WithName("ListRuns").WithSummary("Runs, newest first, without their steps").Produces<ImmutableArray<RunView>>().Refuses(400)
            .WithDescription($"At most `limit` runs (1 to {Most}, {Usual} if left out). Where more follow, the header `{ContinueHeader}` is what to ask with as `continue`, `Link` with `rel=\"next\"` is the same as an address, and `{RemainingHeader}` says how many. "
                + "A place in the list is behind a run, not a number: runs that start meanwhile neither repeat nor hide one. `state` is Pending, Running, Waiting, Paused, Succeeded, Failed or Aborted; a halt is Paused with a reason, the last three are terminal.");

    private static IResult List(
        Rollouts rollouts, HttpContext context,
        [Description("Only runs on this cluster, `namespace/name`.")] string? cluster,
        [Description("Only runs in this state.")] RunState? state,
        [Description("Only runs that this person or service started.")] string? by,
        [Description("Only runs whose cluster, plan, person, id or change contains this.")] string? q,
        [Description("From this place on; given by the page before.")] string? @continue,
        int limit = Usual)
    {
        if (limit is < 1 or > Most)
            return Answers.Of(new Refusal(RefusalKind.Invalid, "The limit is out of range.") { Errors = [new SpecError("/limit", 0, $"{limit} runs cannot be asked for at once.", [$"1 to {Most}"])] });
        var after = RunCursor.Parse(@continue);
        if (after is null && !string.IsNullOrEmpty(@continue))
            return Answers.Of(new Refusal(RefusalKind.Invalid, "There is no such place in the list.") { Errors = [new SpecError("/continue", 0, "This is not a value that the list gave.", [$"the header {ContinueHeader} of the page before"])] });
        var filter = RunFilter.Parse(null, cluster, q, by) with { State = state };
        var page = RunPage.Cut(filter.Apply(rollouts.Runs(context.Caller())).Rows, after, limit);
        if (page.Continue is { } next)
        {
            var query = new QueryBuilder(context.Request.Query.Where(p => !p.Key.Equals("continue", StringComparison.OrdinalIgnoreCase))) { { "continue", next.ToString() } };
            context.Response.Headers[ContinueHeader] = next.ToString();
            context.Response.Headers[RemainingHeader] = page.Older.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers.Link = $"<{context.Request.PathBase}{context.Request.Path}{query.ToQueryString()}>; rel=\"next\"";
        }
        return Results.Ok(page.Rows);
    }
}
