using System.Text;

namespace Rollcall.Web.Auth;

/// <summary>
/// A person's name as it will stand beside an approval. A quorum counts names, so two spellings of one name must not pass for two people.
/// </summary>
public static class PersonName
{
    public const int Longest = 64;
    public const string ApiToken = "api-token";
    public const string Allowed = "1 to 64 letters, digits, spaces or any of . _ - @ + '";

    private static readonly string[] Reserved = [Shared.Caller.System.Name, ApiToken, "system"];

    /// <summary>The name with its accidents removed, or null when it is not one.</summary>
    public static string? Normalise(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
            return null;
        var text = string.Join(' ', name.Normalize(NormalizationForm.FormKC).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return text.Length is > 0 and <= Longest && text.All(c => char.IsLetterOrDigit(c) || " ._-@+'".Contains(c, StringComparison.Ordinal)) && !Reserved.Any(r => Same(r, text)) ? text : null;
    }

    public static bool Same(string a, string b) => Shared.Person.Same(a, b);
}
