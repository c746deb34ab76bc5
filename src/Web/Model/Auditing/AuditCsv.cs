using System.Globalization;
using Rollcall.Engine.Storage;

namespace Rollcall.Web.Model.Auditing;

/// <summary>The log for a spreadsheet (RFC 4180). A cell that a spreadsheet would take for a formula gets an apostrophe: names and reasons are written by people.</summary>
public static class AuditCsv
{
    public const string Header = "seq,at,action,refused,actor,via,address,object,cluster,planHash,reason,previous,hash";

    public static string Line(AuditRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return string.Join(',', new[]
        {
            row.Seq.ToString(CultureInfo.InvariantCulture), row.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture), row.Action, row.Refused ? "true" : "false", row.Actor, row.Via, row.Address,
            row.Object, row.Cluster, row.PlanHash, row.Reason, row.Previous, row.Hash,
        }.Select(Cell));
    }

    private static string Cell(string text)
    {
        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? $"'{text}" : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
