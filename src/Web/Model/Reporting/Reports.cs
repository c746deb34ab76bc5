using Rollcall.Engine.Execution;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Reporting;

/// <summary>Makes reports of runs.</summary>
public sealed class Reports(Rollouts rollouts, TimeProvider time)
{
    private const int Page = 5000;

    /// <summary>Null when there is no such run.</summary>
    public async Task<RunReport?> MakeAsync(string id, CancellationToken ct)
    {
        if (rollouts.GetRun(id) is not { } run)
            return null;
        var events = new List<RunEventView>();
        int read;
        do
        {
            var page = await rollouts.EventsAsync(id, events is [.., var last] ? last.Seq : 0, Page, ct);
            events.AddRange(page);
            read = page.Length;
        }
        while (read == Page);
        return RunReport.Of(run, events, time.GetUtcNow());
    }
}
