using System.Security.Cryptography;
using System.Text.Json;

namespace Rollcall.Engine.Storage;

/// <summary>
/// The chain: each entry's hash covers what it says and the hash of the entry before, so that nothing can be changed, taken out or put in without every later hash becoming wrong.
/// What a chain alone cannot show is an end that was cut off; for that, keep a head (number and hash) elsewhere and verify against it.
/// </summary>
public static class AuditChain
{
    /// <summary>SHA-256, hexadecimal, of a JSON array of the fields: JSON, so that no two entries can be written alike.</summary>
    public static string Hash(AuditRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            json.WriteStringValue("rollcall-audit-1");
            json.WriteNumberValue(row.Seq);
            json.WriteNumberValue(row.At.UtcTicks);
            json.WriteBooleanValue(row.Refused);
            foreach (var text in (string[])[row.Action, row.Actor, row.Via, row.Address, row.Object, row.Cluster, row.PlanHash, row.Reason, row.Previous])
                json.WriteStringValue(text);
            json.WriteEndArray();
        }
        return Convert.ToHexStringLower(SHA256.HashData(buffer.ToArray()));
    }

    /// <param name="rows">All of them, by number.</param>
    /// <param name="head">An entry that was there before, as it was noted elsewhere.</param>
    public static AuditVerdict Verify(IEnumerable<AuditRow> rows, (long Seq, string Hash)? head = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        long count = 0;
        var last = "";
        foreach (var row in rows)
        {
            if (Wrong(row, count + 1, last) is { } wrong)
                return new AuditVerdict(count, count, last, Math.Min(row.Seq, count + 1), wrong);
            (count, last) = (row.Seq, row.Hash);
            if (head is { } noted && noted.Seq == row.Seq && !noted.Hash.Equals(row.Hash, StringComparison.OrdinalIgnoreCase))
                return new AuditVerdict(count - 1, count - 1, row.Previous, row.Seq, $"Entry {row.Seq} has the hash {row.Hash}, and {noted.Hash} was noted: the log was written anew.");
        }
        if (head is { } known && known.Seq > count)
            return new AuditVerdict(count, count, last, count + 1, $"Entry {known.Seq} was noted and the log ends with {count}: its end was cut off.");
        return new AuditVerdict(count, count, last, null, count == 0 ? "The log is empty." : $"Chain of {count} {(count == 1 ? "entry" : "entries")} verified, last hash {last}.");
    }

    private static string? Wrong(AuditRow row, long expected, string previous)
    {
        if (row.Seq != expected)
            return row.Seq > expected ? $"Entry {expected} is missing." : $"Entry {row.Seq} does not belong here.";
        if (row.Previous != previous)
            return expected == 1 ? "Entry 1 is not the first of its log." : $"Entry {row.Seq} does not follow entry {row.Seq - 1}: one of them was replaced.";
        return Hash(row) == row.Hash ? null : $"Entry {row.Seq} was changed after it was written: its content does not have its hash.";
    }
}
