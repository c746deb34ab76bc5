namespace Rollcall.Engine.Documents;

/// <summary>JSON pointers (RFC 6901).</summary>
internal static class Pointer
{
    public static string Child(string parent, string key) => $"{parent}/{key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    public static string Child(string parent, int index) => $"{parent}/{index}";

    public static string Parent(string pointer) => pointer.LastIndexOf('/') is var slash and >= 0 ? pointer[..slash] : "";
}
