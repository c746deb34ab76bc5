using System.Text.RegularExpressions;

namespace Rollcall.Engine.Execution;

/// <summary>Takes out of a text what could be a secret. It would rather mask too much: the output is read by many, and kept.</summary>
public static partial class OutputMask
{
    public const string Mask = "•••";

    /// <summary>The same text with passwords, tokens, keys and the credentials of addresses masked.</summary>
    public static string Apply(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            text = PrivateKey().Replace(text, Mask);
            text = Address().Replace(text, $"://{Mask}@");
            text = Bearer().Replace(text, "${kind} " + Mask);
            text = Named().Replace(text, "${key}" + Mask);
            text = Worded().Replace(text, "${key}" + Mask);
            return Token().Replace(text, Mask);
        }
        catch (RegexMatchTimeoutException)
        {
            return "(output that could not be searched for secrets in time is not shown)";
        }
    }

    private const RegexOptions Loose = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    [GeneratedRegex("-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|$)", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 500)]
    private static partial Regex PrivateKey();

    /// <summary>postgres://user:password@host</summary>
    [GeneratedRegex("://[^/\\s@]*@", RegexOptions.ExplicitCapture, 500)]
    private static partial Regex Address();

    [GeneratedRegex("\\b(?<kind>Bearer|Basic)\\s+[A-Za-z0-9+/=._~-]{6,}", Loose, 500)]
    private static partial Regex Bearer();

    /// <summary>password=…, "api_key": "…", REDIS_PASSWORD: …</summary>
    [GeneratedRegex("(?<key>[\\w.-]*(passw|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential|authorization|requirepass|masterauth)[\\w.-]*[\"']?\\s*[:=]\\s*)(\"([^\"\\\\]|\\\\.)*\"|'[^']*'|[^\\s,;]+)", Loose, 500)]
    private static partial Regex Named();

    /// <summary>requirepass …, IDENTIFIED BY …, --password …: a value that follows after a space.</summary>
    [GeneratedRegex("(?<key>(^|[\\s'\"])(requirepass|masterauth|auth|identified\\s+by|with\\s+password|password|--?[\\w-]*(password|passwd|secret|token))\\s+)(?!is\\b|was\\b|for\\b|not\\b|of\\b|•)(\"[^\"]*\"|'[^']*'|\\S+)", Loose, 500)]
    private static partial Regex Worded();

    /// <summary>Tokens that are known by their looks: JWT, AWS, GitHub, Slack.</summary>
    [GeneratedRegex("\\beyJ[\\w-]{8,}\\.[\\w-]{4,}\\.[\\w-]*|\\b(AKIA|ASIA)[0-9A-Z]{16}\\b|\\bgh[pousr]_[A-Za-z0-9]{20,}|\\bxox[abprs]-[A-Za-z0-9-]{10,}", RegexOptions.ExplicitCapture, 500)]
    private static partial Regex Token();
}
