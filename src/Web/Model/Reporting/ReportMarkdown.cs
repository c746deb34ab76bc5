using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Reporting;

/// <summary>A report as Markdown, for a change ticket. Times are UTC, to the second.</summary>
public static class ReportMarkdown
{
    /// <summary>What Markdown or a ticket system would take for markup; also the bar that ends a cell.</summary>
    private const string Special = @"\`*_{}[]<>#|~!";

    public static string Write(RunReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {Plain(report.Title)}: {report.State}\n\n{Plain(report.Outcome)}\n\n");
        foreach (var glass in report.Bypasses)
            text.Append(CultureInfo.InvariantCulture, $"**{Plain(glass.By)} {Plain(glass.What)}**, {Time(glass.At)} UTC: {Plain(glass.Why)}\n\n");
        Table(text, ["", ""],
        [
            ["Cluster", report.Cluster], ["Run", report.Run], ["Plan", $"{report.Plan}, hash {report.PlanHash}"],
            .. report.Changes.Select(c => new[] { "Change", $"{c.Name} {c.From} → {c.To}" }),
            ["Started", $"{Time(report.StartedAt)} by {report.StartedBy}"], ["Ended", report.EndedAt is null ? "not yet" : Time(report.EndedAt)],
            ["Time", $"{(report.TookSeconds is { } took ? Durations.Format(took) : "not begun")}, planned {Durations.Format(report.PlannedSeconds)}"],
            ["Members", $"{report.Totals.Updated} of {report.Totals.Members}"], ["Switchovers", $"{report.Totals.SwitchoversDone}, planned {report.Totals.SwitchoversPlanned}"],
            ["Longest write pause", report.WritePause], ["Longest hand-over", WritePause.Words(report.LongestHandover)],
            .. Link("Rollback of run", report.RollbackOf), .. Link("Rolled back by run", report.RolledBackBy),
        ]);
        Section(text, "Decisions at gates", report.Decisions.IsEmpty ? "None." : null, ["When (UTC)", "Who", "What", "Comment"], report.Decisions.Select(Line));
        Section(text, "Pauses and commands", report.Interventions.IsEmpty ? "None." : null, ["When (UTC)", "Who", "What", "Why"], report.Interventions.Select(Line));
        Section(text, "Not as planned", report.Deviations.IsEmpty ? "Nothing." : null, ["What"], report.Deviations.Select(d => new[] { d }));
        Section(text, "Switchovers", report.Switchovers.IsEmpty ? "None." : null, ["When (UTC)", "What", "State", "Took", "Planned"], report.Switchovers.Select(Step));
        Section(text, "Members", report.Members.IsEmpty ? "None." : null, ["When (UTC)", "What", "State", "Took", "Planned"], report.Members.Select(Step));
        if (!report.Analyses.IsEmpty)
            Section(text, "Analyses", null, ["When (UTC)", "What", "State", "Measured", "Values"], report.Analyses.Select(a => new[] { Time(a.At), a.Title, $"{a.State}", a.Said, a.Values }));
        if (!report.Held.IsEmpty)
            Section(text, "Still held", null, ["What", "Owner", "Since (UTC)"], report.Held.Select(h => new[] { h.Object, h.Owner, Time(h.Since) }));
        return text.ToString();
    }

    private static string[][] Link(string word, string? run) => run is null ? [] : [[word, run]];

    private static string[] Line(ReportLine line) => [Time(line.At), line.By, line.What, line.Why];

    private static string[] Step(ReportStep s) => [Time(s.At), s.Title, $"{s.State}", s.TookSeconds is { } took ? Durations.Format(took) : "", Durations.Format(s.PlannedSeconds)];

    private static string Time(DateTimeOffset? at) => at is { } t ? t.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "";

    private static void Section(StringBuilder text, string title, string? empty, ImmutableArray<string> head, IEnumerable<string[]> rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n");
        if (empty is null)
            Table(text, head, rows);
        else
            text.Append(empty).Append('\n');
    }

    private static void Table(StringBuilder text, ImmutableArray<string> head, IEnumerable<string[]> rows)
    {
        Row(text, head);
        Row(text, head.Select(_ => "---"));
        foreach (var row in rows)
            Row(text, row.Select(Plain));
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Plain(string value)
    {
        var plain = new StringBuilder(value.Length);
        foreach (var c in value)
            plain.Append(c is '\r' or '\n' ? " " : Special.Contains(c, StringComparison.Ordinal) ? $"\\{c}" : $"{c}");
        return plain.ToString();
    }
}
