using System.Globalization;
using System.Text.Json;
using Rollcall.Engine.Execution;
using Rollcall.Shared;

namespace Rollcall.Web.Hubs;

/// <summary>Who looks at a run: people who are signed in see who did what; a wall does not.</summary>
public enum RunAudience { Everything, Wall }

/// <summary>Frames of one run: the whole view first, then the view with the steps that changed.</summary>
public sealed class RunFeed(string runId, Rollouts rollouts, TimeProvider time, ILogger log, RunAudience audience = RunAudience.Everything) : FrameFeed<RunView>(time, log)
{
    protected override (RunView View, string Version, long Revision)? Read()
    {
        // The revision first: a view that is newer than its revision is only sent once more, the other way round a change could be missed.
        var revision = rollouts.RunRevision(runId);
        return rollouts.GetRun(runId) is { } view ? (audience == RunAudience.Wall ? WithoutPeople(view) : view, revision.ToString(CultureInfo.InvariantCulture), revision) : null;
    }

    protected override Task WhenAfterAsync(long revision, CancellationToken ct) => rollouts.WhenRunAfterAsync(runId, revision, ct);

    protected override string AckOf(RunView view, string version) => view.Seq.ToString(CultureInfo.InvariantCulture);

    protected override RawFrame Build(RunView? from, string? fromVersion, RunView to) => new(JsonSerializer.SerializeToUtf8Bytes(FrameOf(from, to), LiveJson.Options));

    /// <summary>
    /// What a screen on a wall needs of a run: states, titles, counts and Reasons. No approvals, comments, claims, invitations, evidence, attempts or output of hooks, and no offer to act.
    /// What is new in a gate stays out until somebody puts it here.
    /// </summary>
    public static RunView WithoutPeople(RunView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return view with
        {
            StartedBy = "", Obligations = [], Rollback = null, Reason = Bare(view.Reason),
            Gates = [.. view.Gates.Select(g => new GateView { Name = g.Name, Stage = g.Stage, Component = g.Component, Shard = g.Shard, State = g.State, Required = g.Required, Given = g.Given, OpenedAt = g.OpenedAt, Deadline = g.Deadline })],
            Steps = [.. view.Steps.Select(s => s with { Evidence = [], Attempts = [], Output = null, Reason = Bare(s.Reason) })],
        };
    }

    private static Reason? Bare(Reason? reason) => reason is null ? null : reason with { Evidence = [] };

    public static RunFrame FrameOf(RunView? from, RunView to)
    {
        ArgumentNullException.ThrowIfNull(to);
        var whole = new RunFrame { Kind = "snapshot", Run = to.Id, Seq = to.Seq, View = to };
        if (from is null)
            return whole;
        var before = from.Steps.ToDictionary(s => s.Id, StringComparer.Ordinal);
        var changed = to.Steps.Where(s => !before.Remove(s.Id, out var was) || !(ReferenceEquals(was, s) || was == s)).ToArray();
        // A step that is there no more cannot be said in a delta.
        return before.Count > 0 ? whole : whole with { Kind = "delta", View = to with { Steps = [.. changed] } };
    }
}

/// <summary>A feed for each run that somebody watches.</summary>
public sealed class RunFeeds(Rollouts rollouts, TimeProvider time, ILogger<RunFeed> log)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Run, RunAudience Audience), (RunFeed Feed, int Users)> _feeds = [];

    public int Viewers { get { lock (_gate) return _feeds.Values.Sum(f => f.Feed.Viewers); } }

    public RunFeed Rent(string runId, RunAudience audience = RunAudience.Everything)
    {
        lock (_gate)
        {
            var (feed, users) = _feeds.TryGetValue((runId, audience), out var f) ? f : (new RunFeed(runId, rollouts, time, log, audience), 0);
            _feeds[(runId, audience)] = (feed, users + 1);
            return feed;
        }
    }

    public void Return(string runId, RunAudience audience = RunAudience.Everything)
    {
        lock (_gate)
        {
            var (feed, users) = _feeds[(runId, audience)];
            if (users == 1)
                _feeds.Remove((runId, audience));
            else
                _feeds[(runId, audience)] = (feed, users - 1);
        }
    }
}
