using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;
using Rollcall.Web.Keeping;

namespace Rollcall.Web.Screens;

/// <summary>The status screens there are; one that is taken back closes the pages that show it.</summary>
public sealed class ScreenStore(ScreenFile file, TimeProvider time) : StateStore<ScreenState>(file, time), IDisposable
{
    private readonly Dictionary<string, CancellationTokenSource> _ends = new(StringComparer.Ordinal);

    public IReadOnlyList<ScreenRecord> All { get { lock (Gate) return State.Screens; } }

    /// <summary>The live screen of this name; null when there is none.</summary>
    public ScreenRecord? Live(string name)
    {
        lock (Gate)
            return Find(s => s.Name == name);
    }

    /// <summary>The live screen with this id; null when it ended.</summary>
    public ScreenRecord? LiveById(string id)
    {
        lock (Gate)
            return Find(s => s.Id == id);
    }

    /// <returns>Null when a live screen has the name already.</returns>
    public ScreenRecord? Add(Func<string, DateTimeOffset, ScreenRecord> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        lock (Gate)
        {
            var screen = make(WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(12)), Time.GetUtcNow());
            if (Find(s => s.Name == screen.Name) is not null)
                return null;
            Write(State with { Screens = State.Screens.Add(screen) });
            return screen;
        }
    }

    public bool Revoke(string id)
    {
        lock (Gate)
        {
            if (Find(s => s.Id == id) is not { } screen)
                return false;
            Write(State with { Screens = State.Screens.Replace(screen, screen with { RevokedAt = Time.GetUtcNow() }) });
            if (_ends.Remove(id, out var end))
                end.Cancel();
            return true;
        }
    }

    /// <summary>Cancelled when the screen is taken back; cancelled already when it is not live.</summary>
    public CancellationToken WhenEnded(string id)
    {
        lock (Gate)
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
        lock (Gate)
        {
            foreach (var end in _ends.Values)
                end.Dispose();
            _ends.Clear();
        }
    }

    private ScreenRecord? Find(Func<ScreenRecord, bool> which)
    {
        var now = Time.GetUtcNow();
        return State.Screens.FirstOrDefault(s => which(s) && s.StateAt(now) == "live");
    }

    protected override ScreenState Without(ScreenState state, DateTimeOffset oldest)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state with { Screens = state.Screens.RemoveAll(s => (s.RevokedAt ?? s.ExpiresAt) < oldest) };
    }
}
