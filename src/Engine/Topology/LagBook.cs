using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Topology;

/// <summary>Remembers the last answers of each follower about replication, so that a rule can ask for several in a row. For one writer.</summary>
public sealed class LagBook
{
    /// <summary>More in a row than this no rule asks for.</summary>
    public const int Kept = 10;

    private readonly Dictionary<string, (string Uid, double Least, LagTrack Track)> _tracks = new(StringComparer.Ordinal);

    /// <summary>Takes down what the member's present answer says; the same answer twice counts once, by the worse of what it meant against its leader's.</summary>
    public LagTrack? Take(Instance member)
    {
        ArgumentNullException.ThrowIfNull(member);
        if (member.Probe is not { Error: null } probe)
            return null;
        var sample = new LagSample(probe.At, member.LagBytes, member.LagSeconds, probe.Linked);
        var lag = (double?)sample.Bytes ?? sample.Seconds ?? double.PositiveInfinity;
        if (!_tracks.TryGetValue(member.Name, out var had) || had.Uid != member.Uid)
            return Keep(member, lag, new LagTrack([sample], null));
        var last = had.Track.Samples[^1];
        if (last.At == sample.At)
        {
            if (last == sample || ((double?)last.Bytes ?? last.Seconds ?? double.PositiveInfinity) >= lag)
                return had.Track;
            return Keep(member, had.Least, had.Track with { Samples = had.Track.Samples.SetItem(had.Track.Samples.Length - 1, sample) });
        }
        var samples = had.Track.Samples.Add(sample);
        if (samples.Length > Kept)
            samples = samples.RemoveAt(0);
        return Keep(member, Math.Min(lag, had.Least), new LagTrack(samples, lag < had.Least ? probe.At : had.Track.ShrankAt));
    }

    /// <summary>The series is broken: no answer, another Pod, or the member is gone.</summary>
    public void Forget(string member) => _tracks.Remove(member);

    private LagTrack Keep(Instance member, double least, LagTrack track)
    {
        _tracks[member.Name] = (member.Uid, least, track);
        return track;
    }
}
