using System.Collections.Immutable;
using System.Globalization;

namespace Rollcall.Engine.Profiles;

/// <summary>
/// A version as image tags and serviceVersions write it: <c>16.4</c>, <c>v7.2.4</c>, <c>8.0.1-alpine</c>, <c>7.4-rc2</c>. Compared number by number, never as text (16.10 is newer than 16.9);
/// a suffix says nothing about order, unless it marks a pre-release.
/// </summary>
public sealed class EngineVersion : IComparable<EngineVersion>, IEquatable<EngineVersion>
{
    private static readonly string[] PreRelease = ["rc", "beta", "alpha", "pre", "dev", "snapshot", "unstable", "m"];

    private readonly ImmutableArray<long> _numbers;
    private readonly bool _pre;

    private EngineVersion(ImmutableArray<long> numbers, bool pre) => (_numbers, _pre) = (numbers, pre);

    public long Major => _numbers[0];

    public long Minor => At(1);

    /// <summary>Null for a text that does not begin with a number: <c>latest</c>, a digest.</summary>
    public static EngineVersion? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var at = text[0] is 'v' or 'V' ? 1 : 0;
        var numbers = ImmutableArray.CreateBuilder<long>();
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            var start = at;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
                at++;
            if (at - start > 15)
                return null;
            numbers.Add(long.Parse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture));
            if (at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1]))
                at++;
            else
                break;
        }
        return numbers.Count == 0 ? null : new EngineVersion(numbers.ToImmutable(), IsPreRelease(text[at..]));
    }

    /// <summary>Negative, zero, positive; null where one of them has no number to compare.</summary>
    public static int? Compare(string a, string b) => Parse(a) is { } x && Parse(b) is { } y ? x.CompareTo(y) : null;

    public int CompareTo(EngineVersion? other)
    {
        if (other is null)
            return 1;
        for (var i = 0; i < Math.Max(_numbers.Length, other._numbers.Length); i++)
            if (At(i).CompareTo(other.At(i)) is var order and not 0)
                return order;
        return other._pre.CompareTo(_pre);
    }

    public bool Equals(EngineVersion? other) => other is not null && CompareTo(other) == 0;

    public override bool Equals(object? obj) => Equals(obj as EngineVersion);

    public override int GetHashCode() => HashCode.Combine(Major, Minor, _pre);

    public static bool operator <(EngineVersion left, EngineVersion right) => left.CompareTo(right) < 0;
    public static bool operator >(EngineVersion left, EngineVersion right) => left.CompareTo(right) > 0;
    public static bool operator <=(EngineVersion left, EngineVersion right) => left.CompareTo(right) <= 0;
    public static bool operator >=(EngineVersion left, EngineVersion right) => left.CompareTo(right) >= 0;
    public static bool operator ==(EngineVersion? left, EngineVersion? right) => left is null ? right is null : left.Equals(right);
    public static bool operator !=(EngineVersion? left, EngineVersion? right) => !(left == right);

    private long At(int i) => i < _numbers.Length ? _numbers[i] : 0;

    private static bool IsPreRelease(string suffix)
    {
        var word = new string([.. suffix.SkipWhile(c => c is '-' or '.' or '_').TakeWhile(char.IsAsciiLetter)]);
        return PreRelease.Contains(word, StringComparer.OrdinalIgnoreCase);
    }
}
