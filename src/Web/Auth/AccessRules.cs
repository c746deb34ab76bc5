using Rollcall.Shared;

namespace Rollcall.Web.Auth;

/// <summary>What holds for everything that lets people or programs in.</summary>
public static class AccessRules
{
    public const string GroupAllowed = "A group is 1 to 63 letters, digits, '-', '_' or '.'.";
    public const string TokenVia = "token ";

    public static bool IsGroup(string group) => group is { Length: > 0 and <= 63 } && group.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>The caller came with an API token, not with a login.</summary>
    public static bool IsToken(Caller by) => by.Via.StartsWith(TokenVia, StringComparison.Ordinal);

    /// <summary>Null when the caller may change who comes in at all; what exactly is for their roles to say.</summary>
    public static Refusal? MayChange(Caller by)
    {
        ArgumentNullException.ThrowIfNull(by);
        if (by.Name.Length == 0)
            return new Refusal(RefusalKind.Forbidden, "Sign in first.");
        if (by.Scope.ReadOnly)
            return new Refusal(RefusalKind.Forbidden, "This token only reads.");
        return by.Scope.Limited ? new Refusal(RefusalKind.Forbidden, $"This token reaches {by.Scope.InWords()}; who may come in is not for it to change.") : null;
    }

    /// <summary>Null when the caller is an admin without limits.</summary>
    public static Refusal? MayAdminister(Caller by, string sentence) => MayChange(by) ?? (by.Is(Caller.Admin) ? null : new Refusal(RefusalKind.Forbidden, sentence));

    /// <summary>Null when the caller may look at who comes in.</summary>
    public static Refusal? MaySee(Caller by, string sentence)
    {
        ArgumentNullException.ThrowIfNull(by);
        return by.Is(Caller.Admin) && !by.Scope.Limited ? null : new Refusal(RefusalKind.Forbidden, sentence);
    }
}
