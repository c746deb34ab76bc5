using Rollcall.Engine.Kubernetes.Mapping;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Observing;

/// <summary>What the writer remembers about one cluster between two snapshots: its engines' answers, and since when a role label says the same.</summary>
internal sealed class ClusterBook
{
    private readonly Dictionary<string, Reading> _readings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Uid, string Role, DateTimeOffset Since)> _labels = new(StringComparer.Ordinal);
    private readonly LagBook _lags = new();
    private TopologySnapshot? _bare;
    private EngineProfile? _profile;

    public MemberMemo Memo { get; } = new();

    /// <summary>Keys that move while a member recovers, in any component: an answer has only its own.</summary>
    private IEnumerable<string> Progress => _profile is null ? [] : _profile.Sections.Select(s => s.Profile).Prepend(_profile).SelectMany(p => p.Probe?.Progress ?? []);

    public void Keep(string instance, Reading reading)
    {
        if (reading.Error is not null)
            _lags.Forget(instance);
        if (_readings.TryGetValue(instance, out var had) && had.Uid == reading.Uid)
        {
            if (had.Error is null && reading.Error is null && had.Role == reading.Role)
                reading = reading with { RoleSince = had.RoleSince ?? had.AnsweredAt };
            reading = reading with { ProgressAt = Moved(had, reading) ? reading.AnsweredAt : had.ProgressAt };
        }
        _readings[instance] = reading;
    }

    /// <summary>A value that shows recovery says something else than in the answer before.</summary>
    private bool Moved(Reading had, Reading now) =>
        Progress.Any(key => now.Values.TryGetValue(key, out var value) && value != had.Values.GetValueOrDefault(key));

    /// <summary>The API server's part is new.</summary>
    public void Take(TopologySnapshot bare, EngineProfile profile, DateTimeOffset now)
    {
        (_bare, _profile) = (bare, profile);
        HashSet<string> there = new(StringComparer.Ordinal);
        foreach (var instance in bare.Components.SelectMany(c => c.Shards).SelectMany(s => s.Instances))
        {
            there.Add(instance.Name);
            if (_readings.TryGetValue(instance.Name, out var reading) && reading.Uid != instance.Uid)
                _readings.Remove(instance.Name);
            if (instance.LabelRole is not { } role)
                _labels.Remove(instance.Name);
            else if (!_labels.TryGetValue(instance.Name, out var was) || was.Uid != instance.Uid || was.Role != role)
                _labels[instance.Name] = (instance.Uid, role, now);
        }
        Memo.Forget(n => !there.Contains(n));
        foreach (var gone in _readings.Keys.Concat(_labels.Keys).Where(n => !there.Contains(n)).ToList())
        {
            _readings.Remove(gone);
            _labels.Remove(gone);
            _lags.Forget(gone);
        }
    }

    /// <summary>Both parts together, with whatever did not change kept as it was.</summary>
    public TopologySnapshot Compose(TopologySnapshot? before, DateTimeOffset now)
    {
        var next = EngineView.Apply(_bare!, _profile!, i => _readings.GetValueOrDefault(i.Name), i => _labels.TryGetValue(i.Name, out var l) ? l.Since : null, now, _lags.Take);
        return before is null ? next : SnapshotReuse.Keep(before, next);
    }

    /// <summary>An answer grows too old to be shown as the role.</summary>
    public bool Ages(TopologySnapshot shown, DateTimeOffset now) =>
        _readings.Count > 0 && shown.Components.SelectMany(c => c.Shards).SelectMany(s => s.Instances).Any(i => i.RoleSource == "probe" && (now - i.Probe!.At).Duration() > EngineView.RoleFresh);
}
