using System.Globalization;

namespace Rollcall.Web.Model;

/// <summary>Small pieces of sentences that several screens share.</summary>
public static class Words
{
    /// <summary>"1 member", "12 members".</summary>
    public static string Count(int n, string noun) => string.Create(CultureInfo.InvariantCulture, $"{n} {noun}{(n == 1 ? "" : "s")}");

    /// <summary>"a", "a and b", "a, b and c".</summary>
    public static string List(IReadOnlyList<string> items) => items.Count switch
    {
        0 => "",
        1 => items[0],
        _ => $"{string.Join(", ", items.Take(items.Count - 1))} and {items[^1]}",
    };

    /// <summary>Like <see cref="List"/>, but of many only the first: "a, b and 98 more".</summary>
    public static string Some(IReadOnlyList<string> items, int most) => items.Count <= most + 1 ? List(items) : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", items.Take(most))} and {items.Count - most} more");

    /// <summary>The first characters of a hash, enough to tell two plans apart by eye.</summary>
    public static string ShortHash(string hash) => hash.Length > 10 ? hash[..10] : hash;
}
