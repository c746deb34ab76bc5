using Rollcall.Engine.Profiles;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>What image references tell about versions.</summary>
public static class Images
{
    /// <summary>What people call the version: the tag, else the beginning of the digest, else <c>latest</c>.</summary>
    public static string Version(string? image) => Version(ImageName.Parse(image ?? ""));

    /// <summary>
    /// A container's status names the image as the runtime resolved it: with a default registry in front, or by digest alone. False only if that contradicts what was asked for.
    /// </summary>
    public static bool MayBe(string asked, string reported)
    {
        if (reported.Length == 0 || asked == reported)
            return true;
        var (a, r) = (ImageName.Parse(asked), ImageName.Parse(reported));
        if (r.Tag.Length == 0)
            return true;
        return Version(a) == r.Tag && (r.Repository == a.Repository || r.Repository.EndsWith($"/{a.Repository}", StringComparison.Ordinal) || a.Repository.EndsWith($"/{r.Repository}", StringComparison.Ordinal));
    }

    private static string Version(ImageName image) => image.Tag.Length > 0 ? image.Tag : image.Digest.Length > 0 ? image.Digest[..Math.Min(image.Digest.Length, 19)] : "latest";
}
