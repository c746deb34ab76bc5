using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Rollcall.Web.Screens;

/// <summary>
/// The key in a screen's link: the screen's id, signed and sealed with this Rollcall's own keys. When it ends is the record's business, so a link can be shown again, and ends at once when it is taken back.
/// </summary>
public sealed class ScreenKeys(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Rollcall.StatusScreen.v1");

    public string Seal(string screenId) => _protector.Protect(screenId);

    /// <summary>The screen's id; null for anything that was not sealed here.</summary>
    public string? Open(string? key)
    {
        if (string.IsNullOrEmpty(key) || key.Length > 1000)
            return null;
        try
        {
            return _protector.Unprotect(key);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
