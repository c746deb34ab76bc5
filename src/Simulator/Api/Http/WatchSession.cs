using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Http;

/// <summary>
/// One open watch: a cursor that reads its kind's changes whenever it is woken. A client that does not read keeps only its own cursor
/// waiting; the events themselves are serialised once for everybody.
/// </summary>
internal sealed class WatchSession : IDisposable
{
    private const int Batch = 256;

    private readonly HttpContext _http;
    private readonly ObjectStore _store;
    private readonly KindStore _kind;
    private readonly Selection _selection;
    private readonly Channel<byte> _wake = Channel.CreateBounded<byte>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _ended;
    private volatile bool _frozen;
    private volatile bool _bookmarkDue;
    private long _position;

    public WatchSession(HttpContext http, ObjectStore store, KindStore kind, Selection selection, CancellationTokenSource ended)
    {
        _http = http;
        Caller = http.Items[typeof(Caller)] is Caller caller ? caller : Caller.Client;
        _store = store;
        _kind = kind;
        _selection = selection;
        _ended = ended;
    }

    public Caller Caller { get; }

    public void Wake() => _wake.Writer.TryWrite(0);

    public void Drop() => _http.Abort();

    public void Freeze()
    {
        _frozen = true;
        Wake();
    }

    public void AskForBookmark()
    {
        _bookmarkDue = true;
        Wake();
    }

    /// <summary>Streams until the watch times out, is too far behind, or the client has gone.</summary>
    public async Task RunAsync(long from)
    {
        var response = _http.Response;
        response.ContentType = "application/json";
        // KubernetesClient gives a cancelled watch's connection back with a read still pending on it, and that read would swallow the
        // answer to the next request. Over HTTP/2, as on real servers, it does not matter; over HTTP/1.1 the connection must not be used again.
        response.Headers.Connection = "close";
        await response.StartAsync(_ended.Token);
        var writer = response.BodyWriter;
        _position = from;
        if (from == 0)
            WriteInitial(writer);
        await writer.FlushAsync(_ended.Token);

        using var listening = _kind.Listen(Wake);
        Wake();
        var changes = new List<Change>(Batch);
        try
        {
            while (true)
            {
                await _wake.Reader.ReadAsync(_ended.Token);
                if (!await DrainAsync(writer, changes))
                    return;
                // A half-open connection does not end in time either; only breaking it helps.
                if (_frozen)
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _http.RequestAborted);
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested && !_http.RequestAborted.IsCancellationRequested)
        {
            // timeoutSeconds are over: a watch ends like any response.
        }
    }

    public void Dispose() => _ended.Dispose();

    // Writes all there is to write now; false when the client must list anew.
    private async Task<bool> DrainAsync(PipeWriter writer, List<Change> changes)
    {
        while (!_frozen)
        {
            changes.Clear();
            var revision = _store.Revision;
            if (!_kind.TryRead(_position, Batch, changes))
            {
                var expired = StatusException.Expired($"too old resource version: {_position} ({revision})").ToStatus();
                WriteEvent(writer, "ERROR", Encoding.UTF8.GetBytes(expired.ToJsonString(JsonAccess.Compact)));
                await writer.FlushAsync(_ended.Token);
                return false;
            }

            foreach (var change in changes)
                Write(writer, change);
            if (changes.Count > 0)
                _position = changes[^1].Object.Version;
            else if (_bookmarkDue)
                WriteBookmark(writer, Math.Max(revision, _position));
            if (writer.UnflushedBytes > 0)
                await writer.FlushAsync(_ended.Token);
            if (changes.Count == 0)
                return true;
        }

        return true;
    }

    // Without a resourceVersion a watch begins with everything there is.
    private void WriteInitial(PipeWriter writer)
    {
        // The revision first: a change between the two lines is then sent again, never lost.
        _position = _store.Revision;
        foreach (var item in _kind.TrySnapshot(_position, out var snapshot) ? snapshot.Scan(_selection.Namespace).Where(_selection.Matches) : [])
            WriteEvent(writer, "ADDED", item.Utf8);
    }

    private void Write(PipeWriter writer, Change change)
    {
        var (before, now) = (change.Previous is { } previous && _selection.Matches(previous), change.Type != ChangeType.Deleted && _selection.Matches(change.Object));
        if (now)
            WriteEvent(writer, before ? "MODIFIED" : "ADDED", change.Object.Utf8);
        else if (before)
            WriteEvent(writer, "DELETED", (change.Type == ChangeType.Deleted ? change.Object : change.Departed).Utf8);
    }

    private void WriteBookmark(PipeWriter writer, long version)
    {
        _bookmarkDue = false;
        _position = version;
        var text = version.ToString(CultureInfo.InvariantCulture);
        WriteEvent(writer, "BOOKMARK", Encoding.UTF8.GetBytes(
            $$$"""{"kind":"{{{_kind.Kind.Kind}}}","apiVersion":"{{{_kind.Kind.ApiVersion}}}","metadata":{"resourceVersion":"{{{text}}}"}}"""));
    }

    private static void WriteEvent(PipeWriter writer, string type, ReadOnlySpan<byte> payload)
    {
        writer.Write("{\"type\":\""u8);
        Encoding.UTF8.GetBytes(type, writer);
        writer.Write("\",\"object\":"u8);
        writer.Write(payload);
        writer.Write("}\n"u8);
    }
}
