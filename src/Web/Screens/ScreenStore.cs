using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;

namespace Rollcall.Web.Screens;

/// <summary>The status screens there are. Every change is on disk before it is told; a screen that is taken back closes the pages that show it.</summary>
public sealed class ScreenStore : IDisposable
{
    /// <summary>How long ended screens stay listed.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    private readonly Lock _gate = new();
    private readonly ScreenFile _file;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, CancellationTokenSource> _ends = new(StringComparer.Ordinal);
    private ScreenState _state;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version;

    public ScreenStore(ScreenFile file, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(file);
        (_file, _time) = (file, time);
        _state = file.Load();
    }

    public IReadOnlyList<ScreenRecord> All { get { lock (_gate) return _state.Screens; } }

    public long Version { get { lock (_gate) return _version; } }

    public Task WhenAfterAsync(long version, CancellationToken ct)
    {
        lock (_gate)
            return _version > version ? Task.CompletedTask : _changed.Task.WaitAsync(ct);
    }

    /// <summary>The live screen of this name; null when there is none.</summary>
    public ScreenRecord? Live(string name)
    {
        lock (_gate)
            return Find(s => s.Name == name);
    }

    /// <summary>The live screen with this id; null when it ended.</summary>
    public ScreenRecord? LiveById(string id)
    {
        lock (_gate)
            return Find(s => s.Id == id);
    }

    /// <returns>Null when a live screen has the name already.</returns>
    public ScreenRecord? Add(Func<string, DateTimeOffset, ScreenRecord> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        lock (_gate)
        {
            var screen = make(WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(12)), _time.GetUtcNow());
            if (Find(s => s.Name == screen.Name) is not null)
                return null;
            Write(_state with { Screens = _state.Screens.Add(screen) });
            return screen;
        }
    }

    public bool Revoke(string id)
    {
        lock (_gate)
        {
            if (Find(s => s.Id == id) is not { } screen)
                return false;
            Write(_state with { Screens = _state.Screens.Replace(screen, screen with { RevokedAt = _time.GetUtcNow() }) });
            if (_ends.Remove(id, out var end))
                end.Cancel();
            return true;
        }
    }

    /// <summary>Cancelled when the screen is taken back; cancelled already when it is not live.</summary>
    public CancellationToken WhenEnded(string id)
    {
        lock (_gate)
        {
            if (Find(s => s.Id == id) is null)
                return new CancellationToken(canceled: true);
            if (!_ends.TryGetValue(id, out var end))
                _ends[id] = end = new CancellationTokenSource();
            return end.Token;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var end in _ends.Values)
                end.Dispose();
            _ends.Clear();
        }
    }

    private ScreenRecord? Find(Func<ScreenRecord, bool> which)
    {
        var now = _time.GetUtcNow();
        return _state.Screens.FirstOrDefault(s => which(s) && s.StateAt(now) == "live");
    }

    private void Write(ScreenState next)
    {
        var oldest = _time.GetUtcNow() - Remembered;
        next = next with { Screens = next.Screens.RemoveAll(s => (s.RevokedAt ?? s.ExpiresAt) < oldest) };
        _file.Save(next);
        _state = next;
        _version++;
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }
}
