using Rollcall.Engine.Storage;
using Rollcall.Web.Api;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Hosting;

/// <summary><c>rollcall audit verify</c>: checks the chain of the audit log in the database file. It only reads, and may run beside the dashboard.</summary>
public static class AuditCommand
{
    public const int Broken = 1;

    public static async Task<int> RunAsync(CommandLine command, DashboardOptions options, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(output);
        if (!AuditApi.TryHead(command.Head, out var head))
            throw new UsageException($"--head is the number and the hash of an entry that was noted earlier, SEQ:HASH; \"{command.Head}\" is not.");
        var verdict = AuditLog.VerifyFile(options.Database, head);
        await output.WriteLineAsync(verdict.Text);
        if (!verdict.Sound)
            await output.WriteLineAsync(verdict.Entries == 0 ? "Nothing before it is good." : $"The {verdict.Entries} before it are good; the last of them has the hash {verdict.LastHash}.");
        return verdict.Sound ? 0 : Broken;
    }
}

/// <summary>
/// Checks the chain once after the start and says its head in the log: whoever collects logs elsewhere then has an anchor that nobody with access to the database can change.
/// </summary>
public sealed partial class AuditWatch(AuditLog audit, ILogger<AuditWatch> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var verdict = await audit.VerifyAsync(head: null, stoppingToken);
        if (verdict.Sound)
            LogSound(log, verdict.LastSeq, verdict.LastHash);
        else
            LogBroken(log, verdict.Text);
    }

    [LoggerMessage(EventId = 7101, Level = LogLevel.Information, Message = "The audit log is sound: {Entries} entries, head {Hash}")]
    private static partial void LogSound(ILogger logger, long entries, string hash);

    [LoggerMessage(EventId = 7102, Level = LogLevel.Critical, Message = "The audit log was tampered with. {Finding}")]
    private static partial void LogBroken(ILogger logger, string finding);
}
