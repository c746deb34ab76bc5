using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>Names of what an act creates: the same act always gets the same name, so that a second attempt meets the first.</summary>
internal static class Names
{
    private const int Most = 63;

    /// <summary><c>{run}-{step}-{attempt}</c> as a DNS label; a long one keeps its ends and gets a hash.</summary>
    public static string For(string run, string step, int attempt)
    {
        var text = new StringBuilder();
        foreach (var c in string.Create(CultureInfo.InvariantCulture, $"{run}-{step}").ToLowerInvariant())
            text.Append(char.IsAsciiLetterOrDigit(c) ? c : '-');
        return Fit(text.ToString().Trim('-'), string.Create(CultureInfo.InvariantCulture, $"-{attempt}"));
    }

    /// <summary>A label value that stands for this text.</summary>
    public static string Label(string text) => Fit(text, "");

    private static string Fit(string text, string end)
    {
        if (text.Length + end.Length <= Most)
            return text + end;
        var hash = "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
        return text[..(Most - hash.Length - end.Length)].TrimEnd('-', '.', '_') + hash + end;
    }
}
