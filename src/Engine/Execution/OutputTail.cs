using System.Text;

namespace Rollcall.Engine.Execution;

/// <summary>The last of what an action says: bounded whatever it prints, and with what could be a secret masked before anybody reads it.</summary>
public sealed class OutputTail
{
    /// <summary>Bytes that are kept.</summary>
    public const int Limit = 8 * 1024;

    private readonly Lock _gate = new();
    private readonly byte[] _kept = new byte[Limit];
    private long _total;

    /// <summary>Bytes said so far; moves with every word.</summary>
    public long Total { get { lock (_gate) return _total; } }

    public bool Truncated => Total > Limit;

    public void Add(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            var skip = Math.Max(0, data.Length - Limit);
            _total += skip;
            foreach (var b in data[skip..])
                _kept[_total++ % Limit] = b;
        }
    }

    public void Add(string text) => Add(Encoding.UTF8.GetBytes(text));

    /// <summary>In place of what was said so far: for a source that can only be read from its beginning.</summary>
    public void Replace(string text)
    {
        lock (_gate)
        {
            _total = 0;
            Add(Encoding.UTF8.GetBytes(text));
        }
    }

    /// <summary>A first line that lost its beginning is left out: what it was the value of can no longer be seen, so neither can it be masked.</summary>
    public string Text
    {
        get
        {
            byte[] bytes;
            bool cut;
            lock (_gate)
            {
                cut = _total > Limit;
                var at = (int)(_total % Limit);
                bytes = cut ? [.. _kept[at..], .. _kept[..at]] : _kept[..(int)_total];
            }
            var begin = cut ? Array.IndexOf(bytes, (byte)'\n') + 1 : 0;
            if (cut && begin == 0)
                return "(one line, too long to keep)";
            return OutputMask.Apply(Encoding.UTF8.GetString(bytes.AsSpan(begin)));
        }
    }
}
