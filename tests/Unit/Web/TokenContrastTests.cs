using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Rollcall.Unit.Web;

/// <summary>WCAG AA for every pair that the style sheets use, read from the one file of tokens.</summary>
public sealed partial class TokenContrastTests
{
    private static readonly string[] Grounds = ["bg", "surface", "surface-2"];
    private static readonly string[] Inks = ["text", "muted", "accent", "ok", "moving", "wait", "bad", "stage-1", "stage-2", "stage-3", "stage-4", "stage-5", "stage-6"];
    private static readonly string[] States = ["ok", "moving", "wait", "bad"];
    private readonly string _css = File.ReadAllText(Path.Combine(Root(), "wwwroot", "css", "tokens.css"));

    public static TheoryData<string> Themes => ["[data-theme=\"dark\"]", "[data-theme=\"light\"]", ":not([data-theme])"];

    [Theory]
    [MemberData(nameof(Themes))]
    public void Text_OnEveryGround_IsReadable(string theme)
    {
        var tokens = Tokens(theme);
        Assert.All(from ground in Grounds from ink in Inks select (ground, ink), p => AtLeast(4.5, tokens[p.ink], tokens[p.ground], $"{p.ink} on {p.ground}"));
    }

    [Theory]
    [MemberData(nameof(Themes))]
    public void Text_OnTintsAndSolids_IsReadable(string theme)
    {
        var tokens = Tokens(theme);
        Assert.All(States, state =>
        {
            var tint = tokens[state].Over(tokens["surface"], 0.12);
            AtLeast(4.5, tokens["text"], tint, $"text on tint of {state}");
            AtLeast(4.5, tokens["muted"], tint, $"muted on tint of {state}");
            AtLeast(4.5, tokens[state], tint, $"{state} on its tint");
            AtLeast(4.5, tokens["on-state"], tokens[state], $"on-state on {state}");
        });
        AtLeast(4.5, tokens["on-accent"], tokens["accent"], "on-accent on accent");
    }

    [Theory]
    [MemberData(nameof(Themes))]
    public void LineStrong_OnEveryGround_IsSeen(string theme)
    {
        var tokens = Tokens(theme);
        Assert.All(Grounds, ground => AtLeast(3, tokens["line-strong"], tokens[ground], $"line-strong on {ground}"));
    }

    [Fact]
    public void Light_BySystemAndByChoice_IsTheSame() => Assert.Equal(Tokens("[data-theme=\"light\"]"), Tokens(":not([data-theme])"));

    private Dictionary<string, Colour> Tokens(string theme)
    {
        var at = _css.IndexOf(theme, StringComparison.Ordinal);
        var block = _css[_css.IndexOf('{', at).._css.IndexOf('}', at)];
        return TokenPattern().Matches(block).ToDictionary(m => m.Groups["name"].Value, m => Colour.Parse(m.Groups["hex"].Value), StringComparer.Ordinal);
    }

    private static void AtLeast(double ratio, Colour ink, Colour ground, string pair)
    {
        var (light, dark) = ink.Luminance > ground.Luminance ? (ink.Luminance, ground.Luminance) : (ground.Luminance, ink.Luminance);
        var contrast = (light + 0.05) / (dark + 0.05);
        Assert.True(contrast >= ratio, $"{pair}: {contrast:0.00}, needs {ratio}");
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Dashboard.sln")))
                return folder.FullName;
        throw new InvalidOperationException("The repository was not found above the test's folder.");
    }

    [GeneratedRegex("--(?<name>[a-z0-9-]+): (?<hex>#[0-9a-f]{6});", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TokenPattern();

    private sealed record Colour(double R, double G, double B)
    {
        public double Luminance => (0.2126 * Linear(R)) + (0.7152 * Linear(G)) + (0.0722 * Linear(B));

        public static Colour Parse(string hex) => new(Part(hex, 1), Part(hex, 3), Part(hex, 5));

        public Colour Over(Colour ground, double share) => new((R * share) + (ground.R * (1 - share)), (G * share) + (ground.G * (1 - share)), (B * share) + (ground.B * (1 - share)));

        private static double Part(string hex, int at) => int.Parse(hex.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255d;

        private static double Linear(double part) => part <= 0.03928 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4);
    }
}
