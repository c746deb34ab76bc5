using System.Text.RegularExpressions;

namespace Rollcall.Engine.Documents;

/// <summary>What names, tags and images may look like, as Kubernetes and the OCI distribution say it.</summary>
internal static partial class Forms
{
    public const string Label = "a DNS label (lower case letters, digits and '-', at most 63)";
    public const string Subdomain = "a DNS name (lower case letters, digits, '-' and '.')";
    public const string Stage = "a stage name (a DNS label of at most 40 characters; it becomes part of step names)";
    public const string Hook = "a hook name (a DNS label of at most 40 characters; it becomes part of step names)";
    public const string Tag = "a version or image tag (letters, digits, '.', '_', '-', '+', at most 128)";
    public const string Image = "an image reference (repository:tag)";
    public const string Group = "a group name (letters, digits and . _ : @ / -)";

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", RegexOptions.ExplicitCapture, 1000)]
    public static partial Regex IsLabel();

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$", RegexOptions.ExplicitCapture, 1000)]
    public static partial Regex IsSubdomain();

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", RegexOptions.ExplicitCapture, 1000)]
    public static partial Regex IsStage();

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}$", RegexOptions.ExplicitCapture, 1000)]
    public static partial Regex IsTag();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._:/-]*(@sha256:[a-f0-9]{64})?$", RegexOptions.ExplicitCapture, 1000)]
    public static partial Regex IsImage();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,62}$", RegexOptions.ExplicitCapture, 1000)]
    public static partial Regex IsGroup();
}
