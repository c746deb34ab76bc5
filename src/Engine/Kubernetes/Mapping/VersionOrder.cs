using System.Collections.Immutable;
using Rollcall.Engine.Profiles;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>Any tags in a list that people read: by number, what has none at the end. It only sorts; rules compare <see cref="EngineVersion"/>s.</summary>
public sealed class VersionOrder : IComparer<string>
{
    public static VersionOrder Instance { get; } = new();

    public static ImmutableArray<string> NewestFirst(IEnumerable<string> versions) => [.. versions.Distinct(StringComparer.Ordinal).OrderByDescending(v => v, Instance)];

    public int Compare(string? x, string? y)
    {
        var (a, b) = (EngineVersion.Parse(x), EngineVersion.Parse(y));
        var by = a is not null && b is not null ? a.CompareTo(b) : (a is null ? 0 : 1) - (b is null ? 0 : 1);
        // 8.0.1 stands before 8.0.1-alpine when the newest come first.
        return by != 0 ? by : string.CompareOrdinal(y, x);
    }
}
