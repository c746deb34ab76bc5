using System.Collections.Immutable;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>Versions as people order them: numbers by value, a pre-release before its release. Good for any tag; it only sorts lists and never decides.</summary>
public sealed class VersionOrder : IComparer<string>
{
    public static VersionOrder Instance { get; } = new();

    public static ImmutableArray<string> NewestFirst(IEnumerable<string> versions) => [.. versions.Distinct(StringComparer.Ordinal).OrderByDescending(v => v, Instance)];

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        var (i, j) = (0, 0);
        while (i < x.Length && j < y.Length)
        {
            var by = char.IsAsciiDigit(x[i]) && char.IsAsciiDigit(y[j]) ? Numbers(x, ref i, y, ref j) : x[i++].CompareTo(y[j++]);
            if (by != 0)
                return by;
        }
        if (i == x.Length && j == y.Length)
            return string.CompareOrdinal(x, y);
        // 8.0.1-rc1 comes before 8.0.1, but 8.0 before 8.0.1.
        return i < x.Length ? (x[i] == '-' ? -1 : 1) : (y[j] == '-' ? 1 : -1);
    }

    private static int Numbers(string x, ref int i, string y, ref int j)
    {
        var a = Digits(x, ref i);
        var b = Digits(y, ref j);
        return a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);
    }

    private static ReadOnlySpan<char> Digits(string text, ref int at)
    {
        var from = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return text.AsSpan(from, at - from).TrimStart('0');
    }
}
