namespace Rollcall.Engine.Profiles;

/// <summary>An image reference taken apart: <c>registry:5000/team/redis:7.2.4@sha256:…</c>.</summary>
public readonly record struct ImageName(string Repository, string Tag, string Digest)
{
    /// <summary>Never fails: what has no tag gets an empty one.</summary>
    public static ImageName Parse(string image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var at = image.IndexOf('@', StringComparison.Ordinal);
        var (rest, digest) = at < 0 ? (image, "") : (image[..at], image[(at + 1)..]);
        // A colon before the last slash belongs to the registry's port.
        var colon = rest.LastIndexOf(':');
        return colon > rest.LastIndexOf('/') ? new(rest[..colon], rest[(colon + 1)..], digest) : new(rest, "", digest);
    }

    /// <summary>The same repository with another tag. A digest pins one build, so it does not survive a new tag.</summary>
    public ImageName WithTag(string tag) => new(Repository, tag, "");

    public override string ToString() => $"{Repository}{(Tag.Length > 0 ? ":" + Tag : "")}{(Digest.Length > 0 ? "@" + Digest : "")}";
}
