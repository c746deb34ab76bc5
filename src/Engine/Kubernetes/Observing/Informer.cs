using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Kubernetes.Api;

namespace Rollcall.Engine.Kubernetes.Observing;

/// <summary>
/// Keeps one kind of one API server in sight: list in pages, watch from there, and come back whatever happens. Every change is told exactly once, in order, on
/// the informer's own loop: <c>onChange(key, object)</c>, or null for gone. It ends only when it is cancelled.
/// </summary>
/// <remarks>
/// The watch is read here and not through KubernetesClient's Watcher, which hands a 410 to a callback and goes on waiting, parses every line twice, and cannot
/// tell a live connection from a dead one.
/// </remarks>
public sealed partial class Informer<T>(
    KubernetesConnection connection,
    KubeKind kind,
    Func<JsonElement, T> read,
    Action<ObjectKey, T?> onChange,
    Action<InformerStatus> onStatus,
    InformerOptions options,
    TimeProvider time,
    ILogger logger)
    where T : class
{
    private readonly Dictionary<ObjectKey, string> _known = [];
    private InformerStatus _status = new(InformerHealth.Starting, "", false);
    private string? _version;
    private int _failures;
    private long _lastHeard;

    /// <summary>When the server last said anything about this kind, bookmarks included.</summary>
    public DateTimeOffset LastHeard => new(Interlocked.Read(ref _lastHeard), TimeSpan.Zero);

    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            TimeSpan pause;
            try
            {
                if (_version is null)
                    await ListAsync(ct).ConfigureAwait(false);
                await WatchAsync(ct).ConfigureAwait(false);
                // A server that ends every watch at once must not be asked in a tight loop.
                pause = time.GetElapsedTime(began) < options.BackoffFirst ? options.BackoffFirst : TimeSpan.Zero;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (ExpiredException e)
            {
                LogExpired(logger, kind.Resource, e.Message);
                _version = null;
                pause = NextPause(null);
            }
            catch (AnswerException e)
            {
                pause = Refused(e);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException or OperationCanceledException)
            {
                var why = e is OperationCanceledException ? "the server has been silent for too long" : KubernetesConnection.Innermost(e).Message;
                Failing(why);
                pause = NextPause(null);
            }
            if (pause <= TimeSpan.Zero)
                continue;
            try
            {
                await Task.Delay(pause, time, ct).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ListAsync(CancellationToken ct)
    {
        HashSet<ObjectKey> seen = [];
        string? next = null;
        string version;
        do
        {
            var path = $"{kind.Collection(connection.Namespace)}?limit={options.PageSize}" + (next is null ? "" : $"&continue={Uri.EscapeDataString(next)}");
            using var limit = new CancellationTokenSource(KubernetesConnection.DefaultTimeout + options.Headers, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
            using var response = await connection.OpenAsync(path, either.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                var answer = await ApiAnswer.ReadAsync(response, either.Token).ConfigureAwait(false);
                throw answer.Code == HttpStatusCode.Gone ? new ExpiredException(answer.Message) : new AnswerException(answer);
            }
            await using var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            using var page = await JsonDocument.ParseAsync(body, cancellationToken: either.Token).ConfigureAwait(false);
            Heard();
            foreach (var item in KubeObject.Items(page.RootElement, "items"))
                if (Upsert(item) is { } key)
                    seen.Add(key);
            var metadata = KubeObject.Get(page.RootElement, "metadata");
            next = KubeObject.Text(metadata, "continue");
            version = KubeObject.Text(metadata, "resourceVersion");
        }
        while (next.Length > 0);

        // Only now is anything known to be gone: a page alone says nothing about the others.
        foreach (var gone in _known.Keys.Where(k => !seen.Contains(k)).ToList())
            Remove(gone);
        _version = version;
        _failures = 0;
        Report(InformerHealth.Watching, "");
    }

    private async Task WatchAsync(CancellationToken ct)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var watchdog = time.CreateTimer(static s => ((CancellationTokenSource)s!).Cancel(), silence, options.Headers, Timeout.InfiniteTimeSpan);
        var seconds = (int)options.WatchTimeout.TotalSeconds;
        var path = string.Create(CultureInfo.InvariantCulture,
            $"{kind.Collection(connection.Namespace)}?watch=true&allowWatchBookmarks=true&resourceVersion={Uri.EscapeDataString(_version!)}&timeoutSeconds={seconds}");
        using var response = await connection.OpenAsync(path, silence.Token).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            var answer = await ApiAnswer.ReadAsync(response, silence.Token).ConfigureAwait(false);
            throw answer.Code == HttpStatusCode.Gone ? new ExpiredException(answer.Message) : new AnswerException(answer);
        }
        watchdog.Change(options.Silence, Timeout.InfiniteTimeSpan);
        Heard();
        Report(InformerHealth.Watching, "");
        await using var body = await response.Content.ReadAsStreamAsync(silence.Token).ConfigureAwait(false);
        void OnRead()
        {
            watchdog.Change(options.Silence, Timeout.InfiniteTimeSpan);
            Heard();
        }
        try
        {
            await foreach (var line in WatchLines.ReadAsync(body, OnRead, silence.Token).ConfigureAwait(false))
                using (line)
                    Take(line.RootElement);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Either the connection is dead, or nothing of this kind ever changed (an API server sends no bookmarks then). Opening another watch tells which.
            LogSilent(logger, kind.Resource, options.Silence);
        }
    }

    private void Take(JsonElement line)
    {
        var item = KubeObject.Get(line, "object");
        switch (KubeObject.Text(line, "type"))
        {
            case "ADDED" or "MODIFIED":
                Upsert(item);
                break;
            case "DELETED":
                Remove(KeyOf(item));
                break;
            case "BOOKMARK":
                break;
            case "ERROR":
                var status = new ApiAnswer((HttpStatusCode)(KubeObject.Number(item, "code") ?? 500), item.Clone(), KubeObject.Text(item, "message"));
                throw status.Code == HttpStatusCode.Gone || status.Reason == "Expired" ? new ExpiredException(status.Message) : new AnswerException(status);
            default:
                return;
        }
        if (KubeObject.Text(item, "metadata", "resourceVersion") is { Length: > 0 } version)
            _version = version;
        _failures = 0;
    }

    private ObjectKey? Upsert(JsonElement item)
    {
        var key = KeyOf(item);
        var version = KubeObject.Text(item, "metadata", "resourceVersion");
        if (_known.TryGetValue(key, out var had) && had == version)
            return key;
        T made;
        try
        {
            made = read(item);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NotSupportedException)
        {
            // One object that cannot be read must not hide all others.
            LogUnreadable(logger, kind.Resource, key.ToString(), e);
            return key;
        }
        _known[key] = version;
        onChange(key, made);
        return key;
    }

    private void Remove(ObjectKey key)
    {
        if (_known.Remove(key))
            onChange(key, null);
    }

    private TimeSpan Refused(AnswerException e)
    {
        var answer = e.Answer;
        switch (answer.Code)
        {
            case HttpStatusCode.NotFound:
                // The kind itself is gone (its CRD was removed, or never was there); so are its objects.
                foreach (var gone in _known.Keys.ToList())
                    Remove(gone);
                _version = null;
                Report(InformerHealth.Absent, $"{kind.Resource} is not served here");
                return options.Recheck;
            case HttpStatusCode.Forbidden:
                Report(InformerHealth.Forbidden, answer.Message);
                return options.Recheck;
            default:
                Failing($"{(int)answer.Code} {answer.Message}");
                return NextPause(answer.RetryAfter);
        }
    }

    /// <summary>Said once when it begins; an hour without a server must not fill the log.</summary>
    private void Failing(string why)
    {
        if (_status.Health != InformerHealth.Failing)
            LogLost(logger, kind.Resource, why);
        else
            LogStillLost(logger, kind.Resource, why);
        Report(InformerHealth.Failing, why);
    }

    private TimeSpan NextPause(TimeSpan? asked)
    {
        var most = Math.Min(options.BackoffMost.TotalMilliseconds, options.BackoffFirst.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 20)));
        var pause = TimeSpan.FromMilliseconds(most / 2 + most / 2 * options.Jitter());
        return asked > pause ? asked.Value : pause;
    }

    private void Report(InformerHealth health, string message)
    {
        var next = new InformerStatus(health, message, _status.Conclusive || health is InformerHealth.Watching or InformerHealth.Absent or InformerHealth.Forbidden);
        if (next == _status)
            return;
        _status = next;
        onStatus(next);
    }

    private void Heard() => Interlocked.Exchange(ref _lastHeard, time.GetUtcNow().UtcTicks);

    private static ObjectKey KeyOf(JsonElement item) => new(KubeObject.Text(item, "metadata", "namespace"), KubeObject.Text(item, "metadata", "name"));

    private sealed class ExpiredException(string message) : Exception(message);

    private sealed class AnswerException(ApiAnswer answer) : Exception(answer.Message)
    {
        public ApiAnswer Answer { get; } = answer;
    }

    [LoggerMessage(2001, LogLevel.Information, "{Resource}: the server has forgotten our place ({Why}); listing again.")]
    private static partial void LogExpired(ILogger logger, string resource, string why);

    [LoggerMessage(2002, LogLevel.Warning, "{Resource} cannot be watched ({Why}); trying again.")]
    private static partial void LogLost(ILogger logger, string resource, string why);

    [LoggerMessage(2003, LogLevel.Debug, "{Resource}: still no connection ({Why}); trying again.")]
    private static partial void LogStillLost(ILogger logger, string resource, string why);

    [LoggerMessage(2005, LogLevel.Debug, "{Resource}: nothing heard for {Silence}; opening another watch.")]
    private static partial void LogSilent(ILogger logger, string resource, TimeSpan silence);

    [LoggerMessage(2004, LogLevel.Warning, "{Resource} {Key} could not be read and is left out.")]
    private static partial void LogUnreadable(ILogger logger, string resource, string key, Exception exception);
}
