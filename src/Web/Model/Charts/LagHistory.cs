using System.Collections.Concurrent;
using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Charts;

/// <param name="Lag">How far the member furthest behind was, in the unit of the series.</param>
public sealed record LagPoint(DateTimeOffset At, double Lag);

/// <param name="Unit">seconds or bytes, as the engine says it.</param>
public sealed record LagSeries(string Component, string Shard, string Unit, ImmutableArray<LagPoint> Points)
{
    public double Worst => Points.IsEmpty ? 0 : Points.Max(p => p.Lag);
}

/// <summary>
/// How far each shard's worst member was behind, in the last hour: a ring of samples per shard, one every five seconds, 3 KB each. What is older is forgotten; a shard nobody measures costs nothing.
/// </summary>
public sealed class LagHistory
{
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(5);
    public const int Samples = 720;

    private readonly ConcurrentDictionary<ClusterKey, ConcurrentDictionary<(string Component, string Shard), Ring>> _clusters = new();

    /// <summary>Takes down what this picture says of lag. Pictures that are not current say nothing.</summary>
    public void Take(TopologySnapshot picture, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (!picture.Connected)
            return;
        var shards = _clusters.GetOrAdd(picture.Cluster, _ => new());
        foreach (var component in picture.Components)
            foreach (var shard in component.Shards)
            {
                var (lag, unit) = Worst(shard);
                if (lag is { } value)
                    shards.GetOrAdd((component.Name, shard.Name), _ => new Ring()).Put(Tick(now), (float)value, unit);
            }
    }

    /// <summary>Forgets clusters that are gone.</summary>
    public void Keep(IEnumerable<ClusterKey> clusters)
    {
        var known = clusters.ToHashSet();
        foreach (var key in _clusters.Keys.Where(k => !known.Contains(k)).ToList())
            _clusters.TryRemove(key, out _);
    }

    /// <summary>The shards that were furthest behind, each with at most <paramref name="points"/> points: of several samples that fall together the worst is kept, for a peak must not be smoothed away.</summary>
    public ImmutableArray<LagSeries> Read(ClusterKey cluster, DateTimeOffset from, DateTimeOffset to, int series, int points)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 2);
        if (!_clusters.TryGetValue(cluster, out var shards))
            return [];
        return [.. shards
            .Select(s => new LagSeries(s.Key.Component, s.Key.Shard, s.Value.Unit, s.Value.Read(Tick(from), Tick(to), points)))
            .Where(s => !s.Points.IsEmpty)
            .OrderByDescending(s => s.Worst).ThenBy(s => s.Component, StringComparer.Ordinal).ThenBy(s => s.Shard, StringComparer.Ordinal)
            .Take(series)];
    }

    private static long Tick(DateTimeOffset at) => at.ToUnixTimeSeconds() / (long)Step.TotalSeconds;

    private static (double? Lag, string Unit) Worst(Shard shard)
    {
        double? seconds = null, bytes = null;
        foreach (var member in shard.Instances)
        {
            if (member.LagSeconds is { } s && !(s <= seconds))
                seconds = s;
            if (member.LagBytes is { } b && !(b <= bytes))
                bytes = b;
        }
        return seconds is null ? (bytes, "bytes") : (seconds, "seconds");
    }

    private sealed class Ring
    {
        private readonly Lock _gate = new();
        private readonly float[] _values = new float[Samples];
        private long _last = -1;

        public string Unit { get; private set; } = "";

        public void Put(long tick, float value, string unit)
        {
            lock (_gate)
            {
                // A clock that was set back, or an engine that changed its unit, begins a new history.
                if (tick < _last || unit != Unit || tick - _last >= Samples)
                    _values.AsSpan().Fill(float.NaN);
                else
                    for (var t = _last + 1; t < tick; t++)
                        _values[t % Samples] = float.NaN;
                _values[tick % Samples] = tick == _last && _values[tick % Samples] > value ? _values[tick % Samples] : value;
                (_last, Unit) = (tick, unit);
            }
        }

        public ImmutableArray<LagPoint> Read(long from, long to, int points)
        {
            lock (_gate)
            {
                var first = Math.Max(from, _last - Samples + 1);
                var last = Math.Min(to, _last);
                if (_last < 0 || last < first)
                    return [];
                var width = Math.Max(1, (last - first + points) / points);
                var read = ImmutableArray.CreateBuilder<LagPoint>();
                for (var start = first; start <= last; start += width)
                {
                    var (at, worst) = (0L, float.NaN);
                    for (var t = start; t < start + width && t <= last; t++)
                        if (_values[t % Samples] is var v && !float.IsNaN(v) && !(v <= worst))
                            (at, worst) = (t, v);
                    if (!float.IsNaN(worst))
                        read.Add(new LagPoint(DateTimeOffset.FromUnixTimeSeconds(at * (long)Step.TotalSeconds), worst));
                }
                return read.ToImmutable();
            }
        }
    }
}
