using System.Net.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Storage;

namespace Rollcall.Engine.Notifying;

/// <summary>
/// Sends what the outbox owes, one at a time and the oldest first; one that is not taken waits for its next try and holds nothing else up. At least once: what was taken and not yet written down is sent again under its key.
/// </summary>
internal sealed partial class NoticeSender(NoticeOutbox outbox, SignedHttp http, TimeProvider time, ILogger<NoticeSender> log) : BackgroundService
{
    private const int Batch = 50;
    private const int MostSaid = 200;
    /// <summary>Timers do not notice that the clock was set or the machine slept.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var failures = 0; !stoppingToken.IsCancellationRequested;)
        {
            try
            {
                var seen = outbox.Version;
                var (due, next) = await outbox.DueAsync(Batch, stoppingToken);
                foreach (var row in due)
                    await outbox.TriedAsync(row, await TryAsync(row, stoppingToken), Random.Shared.NextDouble());
                failures = 0;
                if (due.Count == 0)
                    await RestAsync(seen, next, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return; // what was under way is sent again at the next start
            }
#pragma warning disable CA1031 // Whatever it was (a full disk, a locked file), the next round may do better; it is in the log.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failures++;
                LogFault(log, e, failures);
                await Task.Delay(Backoff.After(failures, Random.Shared.NextDouble()), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One try; it never throws but for the stop of the process.</summary>
    internal async Task<NoticeAnswer> TryAsync(NoticeRow row, CancellationToken ct)
    {
        var options = outbox.Options;
        if (!options.On || !Uri.TryCreate(options.Url, UriKind.Absolute, out var url))
            return new NoticeAnswer(false, "No target is configured.", Never: true);
        if (http.Refusal(url, options.Shown) is { } forbidden)
            return new NoticeAnswer(false, forbidden, Never: true);
        if (!http.TrySecret(options.Secret, out var secret, out var unknown))
            return new NoticeAnswer(false, unknown, Never: true);
        try
        {
            using var response = await http.SendAsync("POST", url, row.Body, row.Key, secret, ct);
            var code = (int)response.StatusCode;
            if (response.IsSuccessStatusCode)
                return new NoticeAnswer(true, $"{url.Host} answered {code}.");
            using var limit = new CancellationTokenSource(SignedHttp.PerTry, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
            var said = Brief((await SignedHttp.TextAsync(response, SignedHttp.MostText, either.Token)).Text);
            LogNotTaken(log, row.Key, row.Tries + 1, code);
            return new NoticeAnswer(false, $"{url.Host} answered {code} {response.ReasonPhrase}{(said.Length > 0 ? $": {said}" : "")}.", RetryAfter: RetryAfter(response));
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            LogNotTaken(log, row.Key, row.Tries + 1, 0);
            return new NoticeAnswer(false, $"{url.Host} could not be reached: {e.Message.TrimEnd('.')}.");
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };

    /// <summary>The first line of what was said, for a table's cell.</summary>
    private static string Brief(string said)
    {
        var line = OutputMask.Apply(said).AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        line = end < 0 ? line : line[..end];
        return (line.Length > MostSaid ? $"{line[..MostSaid]}…" : line.ToString()).TrimEnd('.');
    }

    private async Task RestAsync(long seen, DateTimeOffset? next, CancellationToken ct)
    {
        var wait = next is { } at ? at - time.GetUtcNow() : LongestWait;
        wait = wait < LongestWait ? wait : LongestWait;
        using var round = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(outbox.WhenAfterAsync(seen, round.Token), Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1), time, round.Token));
        await round.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }

    [LoggerMessage(EventId = 1301, Level = LogLevel.Warning, Message = "Notification {Key} was not taken (try {Try}, answer {Status}); it is sent again")]
    private static partial void LogNotTaken(ILogger logger, string key, int @try, int status);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Error, Message = "Notifications met a fault ({Failures} in a row); nothing is lost, they go on")]
    private static partial void LogFault(ILogger logger, Exception exception, int failures);
}
