using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Scheduling;
using Rollcall.Shared;

namespace Rollcall.Engine.Documents;

/// <summary>Handover windows and change freezes, as a plan writes them.</summary>
internal static class WindowReader
{
    public static readonly DocShape Handover = new("A handover window", "handoverWindow", ["cron", "duration", "timeZone"]);
    public static readonly DocShape Freeze = new("A change freeze", "freeze", ["name", "cron", "duration", "timeZone"]);

    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(60);
    public const int LongestName = 80;

    public static WindowSpec? ReadHandover(DocFields safety) => safety.Object("handoverWindow", Handover) is { } fields ? Read(fields, "") : null;

    public static ImmutableArray<WindowSpec> ReadFreeze(DocFields safety, DocErrors errors)
    {
        var windows = ImmutableArray.CreateBuilder<WindowSpec>();
        foreach (var (node, path) in safety.List("freeze", whenEmpty: "'freeze' is empty; name a window or leave the key out.") ?? [])
            if (DocFields.Of(node, path, Freeze, errors) is { } fields && Read(fields, fields.Text("name", longest: LongestName) ?? "") is { } window)
                windows.Add(window);
        return windows.ToImmutable();
    }

    private static WindowSpec? Read(DocFields fields, string name)
    {
        var (cron, zone, duration) = (fields.Text("cron", required: true, longest: 120), fields.Text("timeZone", required: true, longest: 64), fields.Duration("duration", Shortest, Longest));
        if (!fields.Has("duration"))
            fields.Node("duration", required: true);
        if (cron is null || zone is null || duration is null)
            return null;
        var window = new WindowSpec(cron, duration.Value, zone) { Name = name };
        if (WindowClock.TryRead(window, out _, out var problem))
            return window;
        fields.Error(problem.Contains("time zone", StringComparison.Ordinal) ? "timeZone" : "cron", problem);
        return null;
    }
}
