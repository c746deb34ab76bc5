using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Web.Model.Auditing;

namespace Rollcall.Web.Api;

/// <summary>One entry of the audit log.</summary>
/// <param name="Action">sign-in, see, propose, approve, reject, bypass, start, pause, resume, retry, abort, roll-back, release, mint-token …</param>
/// <param name="Refused">It was asked for and refused; <paramref name="Reason"/> says why.</param>
/// <param name="Via">How the actor came in.</param>
/// <param name="Hash">SHA-256 over this entry and the hash of the one before it.</param>
public sealed record AuditView(long Seq, DateTimeOffset At, string Action, bool Refused, string Actor, string Via, string Address, string Object, string Cluster, string PlanHash, string Reason, string Previous, string Hash)
{
    public static AuditView Of(AuditRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new(row.Seq, row.At, row.Action, row.Refused, row.Actor, row.Via, row.Address, row.Object, row.Cluster, row.PlanHash, row.Reason, row.Previous, row.Hash);
    }
}

/// <summary>A page of the audit log, newest first.</summary>
/// <param name="Next">Ask again with this as <c>before</c> for older entries; null at the end.</param>
/// <param name="Matching">How many entries match in all.</param>
public sealed record AuditAnswer(ImmutableArray<AuditView> Entries, long? Next, long Matching);

/// <param name="Sound">Every entry is what was written and follows the one before.</param>
/// <param name="FirstBad">The number of the first that is not.</param>
public sealed record AuditCheck(bool Sound, long Entries, long LastSeq, string LastHash, long? FirstBad, string Text);

public static class AuditApi
{
    public const int UsualEntries = 100, MostEntries = 1000;

    public static void MapAudit(this IEndpointRouteBuilder api)
    {
        api.MapGet("/audit", FindAsync).RequireAuthorization(Caller.Admin).WithTags("Audit").WithName("ListAudit").WithSummary("Who saw, proposed, decided, started, changed what")
            .Produces<AuditAnswer>().Refuses(400, 403)
            .WithDescription($"Newest first, at most `limit` (1 to {MostEntries}, {UsualEntries} if left out). `object` is a part of it, e.g. a run's id; `from` and `to` are times; `refused` asks for refusals or for what was done.");

        api.MapGet("/audit:export", Export).RequireAuthorization(Caller.Admin).WithTags("Audit").WithName("ExportAudit").WithSummary("The audit log as a file")
            .Produces<string>(200, "application/jsonl", "text/csv").Refuses(400, 403)
            .WithDescription("Oldest first, the same filters. `format` is `jsonl` (one JSON object a line, with hashes, so that the chain can be checked elsewhere) or `csv`.");

        api.MapGet("/audit:verify", VerifyAsync).RequireAuthorization(Caller.Admin).WithTags("Audit").WithName("VerifyAudit").WithSummary("Check the chain of hashes")
            .Produces<AuditCheck>().Refuses(400, 403)
            .WithDescription("`head` is `SEQ:HASH` of an entry that was noted earlier: with it, a log that was cut off or written anew is found too.");
    }

    private static async Task<IResult> FindAsync(AuditLog audit, string? actor, string? action, string? cluster, string? @object, bool? refused, DateTimeOffset? from, DateTimeOffset? to, long? before, CancellationToken ct, int limit = UsualEntries)
    {
        if (limit is < 1 or > MostEntries)
            return Answers.Of(new Refusal(RefusalKind.Invalid, "The limit is out of range.") { Errors = [new SpecError("/limit", 0, $"{limit} entries cannot be asked for at once.", [$"1 to {MostEntries}"])] });
        var page = await audit.FindAsync(new AuditFilter(actor, action, cluster, @object, refused, from, to), before, limit, ct);
        return Results.Ok(new AuditAnswer([.. page.Entries.Select(AuditView.Of)], page.Next, page.Matching));
    }

    private static IResult Export(AuditLog audit, HttpContext context, [Description("`jsonl` or `csv`.")] string? format, string? actor, string? action, string? cluster, string? @object, bool? refused, DateTimeOffset? from, DateTimeOffset? to)
    {
        if (format is not ("csv" or "jsonl" or null))
            return Answers.Of(new Refusal(RefusalKind.Invalid, "There is no such format.") { Errors = [new SpecError("/format", 0, $"The log cannot be written as {format}.", ["jsonl", "csv"])] });
        var rows = audit.ExportAsync(new AuditFilter(actor, action, cluster, @object, refused, from, to), context.RequestAborted);
        var csv = format == "csv";
        return Results.Stream(stream => WriteAsync(stream, rows, csv), csv ? "text/csv; charset=utf-8" : "application/jsonl", $"rollcall-audit.{(csv ? "csv" : "jsonl")}");
    }

    private static async Task WriteAsync(Stream stream, IAsyncEnumerable<AuditRow> rows, bool csv)
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        if (csv)
            await writer.WriteLineAsync(AuditCsv.Header);
        await foreach (var row in rows)
            await writer.WriteLineAsync(csv ? AuditCsv.Line(row) : JsonSerializer.Serialize(AuditView.Of(row), ApiJson.Options));
    }

    private static async Task<IResult> VerifyAsync(AuditLog audit, string? head, CancellationToken ct)
    {
        if (!TryHead(head, out var known))
            return Answers.Of(new Refusal(RefusalKind.Invalid, "The head cannot be read.") { Errors = [new SpecError("/head", 0, $"\"{head}\" is not a number and a hash.", ["SEQ:HASH"])] });
        var verdict = await audit.VerifyAsync(known, ct);
        return Results.Ok(new AuditCheck(verdict.Sound, verdict.Entries, verdict.LastSeq, verdict.LastHash, verdict.FirstBad, verdict.Text));
    }

    /// <summary>"412:9f86…"; nothing is no head.</summary>
    public static bool TryHead(string? text, out (long Seq, string Hash)? head)
    {
        head = null;
        if (string.IsNullOrEmpty(text))
            return true;
        if (text.Split(':') is not [var seq, { Length: 64 } hash] || !long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1 || !hash.All(char.IsAsciiHexDigit))
            return false;
        head = (number, hash);
        return true;
    }
}
