namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>An image reference taken apart: <c>registry/repo:tag@digest</c>.</summary>
public readonly record struct ImageName(string Repository, string Tag, string Digest)
{
    public static ImageName Parse(string? image)
    {
        var rest = image ?? "";
        var digest = "";
        if (rest.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at)
            (rest, digest) = (rest[..at], rest[(at + 1)..]);
        var tag = "";
        // A colon before the last slash belongs to the registry's port.
        if (rest.LastIndexOf(':') is >= 0 and var colon && colon > rest.LastIndexOf('/'))
            (rest, tag) = (rest[..colon], rest[(colon + 1)..]);
        return new ImageName(rest, tag, digest);
    }

    /// <summary>What people call the version: the tag, else the beginning of the digest, else <c>latest</c>.</summary>
    public string Version => Tag.Length > 0 ? Tag : Digest.Length > 0 ? Digest[..Math.Min(Digest.Length, 19)] : "latest";

    /// <summary>The same repository with another tag; a digest would pin the old content and goes.</summary>
    public string WithTag(string tag) => $"{Repository}:{tag}";

    /// <summary>
    /// A container's status names the image as the runtime resolved it: with a default registry in front, or by digest alone. False only if that contradicts what was asked for.
    /// </summary>
    public static bool MayBe(string asked, string reported)
    {
        if (reported.Length == 0 || asked == reported)
            return true;
        var (a, r) = (Parse(asked), Parse(reported));
        if (r.Tag.Length == 0)
            return true;
        return a.Version == r.Tag && (r.Repository == a.Repository || r.Repository.EndsWith($"/{a.Repository}", StringComparison.Ordinal) || a.Repository.EndsWith($"/{r.Repository}", StringComparison.Ordinal));
    }
}
