using System.Globalization;
using Rollcall.Simulator.Databases.Redis;

namespace Rollcall.Simulator.Databases.Kafka;

/// <summary>metadata.version: the levels, the release each belongs to, and whether it changed what the metadata log can hold.</summary>
/// <remarks>Source: apache/kafka, MetadataVersion.java.</remarks>
internal static class MetadataVersions
{
    private static readonly (int Level, string Name, bool Changed)[] All =
    [
        (1, "3.0-IV1", true), (2, "3.1-IV0", false), (3, "3.2-IV0", true), (4, "3.3-IV0", false), (5, "3.3-IV1", true), (6, "3.3-IV2", true), (7, "3.3-IV3", true),
        (8, "3.4-IV0", true), (9, "3.5-IV0", false), (10, "3.5-IV1", false), (11, "3.5-IV2", true), (12, "3.6-IV0", false), (13, "3.6-IV1", true), (14, "3.6-IV2", true),
        (15, "3.7-IV0", true), (16, "3.7-IV1", false), (17, "3.7-IV2", true), (18, "3.7-IV3", false), (19, "3.7-IV4", false), (20, "3.8-IV0", false), (21, "3.9-IV0", false),
        (22, "4.0-IV0", false), (23, "4.0-IV1", true), (24, "4.0-IV2", false), (25, "4.0-IV3", false), (26, "4.1-IV0", false), (27, "4.1-IV1", false),
        (28, "4.2-IV0", false), (29, "4.2-IV1", false), (30, "4.3-IV0", true),
    ];

    public static string NameOf(int level) => All.FirstOrDefault(v => v.Level == level).Name ?? $"UNKNOWN {level}";

    /// <summary>The level of 3.9-IV0, or the newest of 3.9.</summary>
    public static int? Parse(string text)
    {
        var level = All.Where(v => v.Name == text || v.Name.StartsWith(text + "-", StringComparison.Ordinal)).Select(v => v.Level).DefaultIfEmpty().Max();
        return level > 0 ? level : null;
    }

    /// <summary>What a binary of this release supports: 4.0 dropped what is older than 3.3-IV3.</summary>
    public static (int Min, int Max) Of(string version)
    {
        var parts = version.Split('.', '-');
        var release = parts.Length > 1 ? $"{parts[0]}.{parts[1]}" : version;
        return (ReleaseNumber.Major(version) >= 4 ? 7 : 1, Parse(release) ?? All[^1].Level);
    }

    public static bool IsAtLeast(string version, int major, int minor)
    {
        var parts = version.Split('.', '-');
        return int.TryParse(parts[0], CultureInfo.InvariantCulture, out var ownMajor) && int.TryParse(parts.ElementAtOrDefault(1), CultureInfo.InvariantCulture, out var ownMinor)
            && (ownMajor, ownMinor).CompareTo((major, minor)) >= 0;
    }

    /// <summary>Whether going down from one level to the other could lose metadata.</summary>
    public static bool Changed(int from, int to) => All.Any(v => v.Level > to && v.Level <= from && v.Changed);

    public static string Supported(int min, int max) => string.Join(", ", All.Where(v => v.Level >= min && v.Level <= max).Select(v => v.Name));

    /// <summary>The features beside metadata.version that a release knows, and what its release-version sets them to.</summary>
    public static IReadOnlyList<(string Name, int Max, int Default)> OtherFeatures(string version)
    {
        List<(string, int, int)> features = [];
        if (IsAtLeast(version, 4, 0))
            features.AddRange([("eligible.leader.replicas.version", 1, IsAtLeast(version, 4, 1) ? 1 : 0), ("group.version", 1, 1)]);
        if (IsAtLeast(version, 3, 9))
            features.Add(("kraft.version", 1, 1));
        if (IsAtLeast(version, 4, 0))
            features.Add(("transaction.version", 2, 2));
        return features;
    }
}
