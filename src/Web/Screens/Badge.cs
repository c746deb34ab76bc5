using System.Globalization;
using System.Xml.Linq;

namespace Rollcall.Web.Screens;

/// <summary>A cluster's state as a small SVG for a README or a wiki: name, what runs, and the state in a word, a sign and a colour. Written by an XML writer, so whatever a name holds stays text.</summary>
public static class Badge
{
    private const string Face = "Verdana,DejaVu Sans,sans-serif";
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static string Of(ScreenCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return Draw(cluster.Name, $"{Sign(cluster.Tone)} {Says(cluster)}", Colour(cluster.Tone));
    }

    /// <summary>"rolling out, 5 of 12", "all well, 7.2.4".</summary>
    public static string Says(ScreenCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        if (!cluster.Present)
            return cluster.Word;
        if (cluster.Run is { } run)
            return $"{cluster.Word}, {run.Updated} of {run.Members}";
        return cluster.Ready < cluster.Members ? $"{cluster.Word}, {cluster.Ready} of {cluster.Members} ready" : cluster.Components.Length == 1 ? $"{cluster.Word}, {cluster.Components[0].Version}" : cluster.Word;
    }

    private static string Draw(string left, string right, string colour)
    {
        var (l, r) = (Width(left), Width(right));
        var root = new XElement(Svg + "svg",
            new XAttribute("width", l + r), new XAttribute("height", 20), new XAttribute("viewBox", $"0 0 {l + r} 20"), new XAttribute("role", "img"), new XAttribute("aria-label", $"{left}: {right}"),
            new XElement(Svg + "title", $"{left}: {right}"),
            new XElement(Svg + "clipPath", new XAttribute("id", "r"), new XElement(Svg + "rect", new XAttribute("width", l + r), new XAttribute("height", 20), new XAttribute("rx", 4))),
            new XElement(Svg + "g", new XAttribute("clip-path", "url(#r)"),
                new XElement(Svg + "rect", new XAttribute("width", l), new XAttribute("height", 20), new XAttribute("fill", "#2b3640")),
                new XElement(Svg + "rect", new XAttribute("x", l), new XAttribute("width", r), new XAttribute("height", 20), new XAttribute("fill", colour))),
            new XElement(Svg + "g", new XAttribute("fill", "#fff"), new XAttribute("font-family", Face), new XAttribute("font-size", 11), Text(left, 0, l), Text(right, l, r)));
        return root.ToString(SaveOptions.DisableFormatting);
    }

    private static XElement Text(string text, int x, int width) =>
        new(Svg + "text", new XAttribute("x", x + 7), new XAttribute("y", 14), new XAttribute("textLength", width - 14), new XAttribute("lengthAdjust", "spacingAndGlyphs"), Shown(text));

    private static int Width(string text) => 14 + (int)Math.Ceiling(Shown(text).Sum(c => c is 'i' or 'l' or 'j' or '.' or ',' or ' ' or '\'' ? 4.0 : c is 'm' or 'w' or 'M' or 'W' ? 10.0 : c > 0x2000 ? 11.0 : 7.0));

    private static string Shown(string text) => text.Length <= 48 ? text : string.Create(CultureInfo.InvariantCulture, $"{text[..47]}…");

    private static string Sign(string tone) => tone switch { "ok" => "✓", "moving" => "↻", "wait" => "‖", "bad" => "!", _ => "·" };

    // Dark enough for white text at 4.5:1.
    private static string Colour(string tone) => tone switch { "ok" => "#14713f", "moving" => "#1a5fb8", "wait" => "#815600", "bad" => "#b8302c", _ => "#526371" };
}
