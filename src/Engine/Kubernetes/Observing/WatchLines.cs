using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Rollcall.Engine.Kubernetes.Observing;

/// <summary>A watch's body as documents, one per line, each parsed once. A line that was cut off by the end of the stream is an <see cref="EndOfStreamException"/>.</summary>
internal static class WatchLines
{
    public static async IAsyncEnumerable<JsonDocument> ReadAsync(Stream body, Action heard, [EnumeratorCancellation] CancellationToken ct)
    {
        var reader = PipeReader.Create(body);
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(ct).ConfigureAwait(false);
                heard();
                var buffer = result.Buffer;
                while (TryReadLine(ref buffer, out var line))
                    if (!IsBlank(line))
                        yield return JsonDocument.Parse(line);
                reader.AdvanceTo(buffer.Start, buffer.End);
                if (!result.IsCompleted)
                    continue;
                if (!IsBlank(buffer))
                    throw new EndOfStreamException("the watch ended in the middle of an event");
                yield break;
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static bool TryReadLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }
        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private static bool IsBlank(ReadOnlySequence<byte> line)
    {
        foreach (var segment in line)
            if (segment.Span.ContainsAnyExcept((byte)' ', (byte)'\r', (byte)'\n'))
                return false;
        return true;
    }
}
