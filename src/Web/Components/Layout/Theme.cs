using MudBlazor;

namespace Rollcall.Web.Components.Layout;

/// <summary>
/// Shape and type for MudBlazor. Colours are not here: <c>wwwroot/css/mud.css</c> points MudBlazor's palette at our tokens, so that the theme switches in the
/// browser without a round trip and there is one list of colours, not two.
/// </summary>
public static class Theme
{
    private static readonly string[] Font = ["Inter Variable", "Inter", "system-ui", "sans-serif"];

    public static MudTheme Instrument { get; } = new()
    {
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px", AppbarHeight = "56px" },
        Shadows = new Shadow { Elevation = [.. Enumerable.Repeat("none", 26)] },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Font, FontSize = "14px", LineHeight = "1.45", LetterSpacing = "normal" },
            Body1 = new Body1Typography { FontFamily = Font, FontSize = "14px", LineHeight = "1.45", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontFamily = Font, FontSize = "12.5px", LineHeight = "1.45", LetterSpacing = "normal" },
            Caption = new CaptionTypography { FontFamily = Font, FontSize = "12.5px", LineHeight = "1.4", LetterSpacing = "normal" },
            Subtitle1 = new Subtitle1Typography { FontFamily = Font, FontSize = "14px", FontWeight = "600", LetterSpacing = "normal" },
            Subtitle2 = new Subtitle2Typography { FontFamily = Font, FontSize = "12.5px", FontWeight = "600", LetterSpacing = "normal" },
            H5 = new H5Typography { FontFamily = Font, FontSize = "20px", FontWeight = "650", LetterSpacing = "-0.01em" },
            H6 = new H6Typography { FontFamily = Font, FontSize = "16px", FontWeight = "600", LetterSpacing = "-0.01em" },
            Button = new ButtonTypography { FontFamily = Font, FontSize = "14px", FontWeight = "550", LetterSpacing = "normal", TextTransform = "none" },
        },
    };
}
