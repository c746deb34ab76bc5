using System.Globalization;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes;

/// <summary>The labels and annotations by which Rollcall finds its way and says what it holds. Part of the public contract: people write the first five, and <c>kubectl</c> shows the others.</summary>
public static class Marks
{
    public const string Cluster = "rollcall.dev/cluster";
    public const string Component = "rollcall.dev/component";
    public const string Shard = "rollcall.dev/shard";
    public const string Profile = "rollcall.dev/profile";
    public const string RoleLabel = "rollcall.dev/role-label";
    public const string AvailableVersions = "rollcall.dev/available-versions";

    public const string Owner = "rollcall.dev/owner";
    public const string Run = "rollcall.dev/run";
    public const string Step = "rollcall.dev/step";
    /// <summary>On the Pod of a Job that an action runs.</summary>
    public const string Job = "rollcall.dev/job";
    public const string Since = "rollcall.dev/since";
    /// <summary>JSON of the update strategy to give back; <c>null</c> where there was none.</summary>
    public const string Held = "rollcall.dev/held";

    /// <summary>One KubeBlocks Cluster holds several components, each with marks of its own.</summary>
    public static string For(string mark, string component) => $"{mark}.{component}";

    /// <summary>Who holds, from an object's annotations; null when nobody does.</summary>
    public static Custody? Custody(Func<string, string?> annotation, string? component = null)
    {
        string? Read(string mark) => annotation(component is null ? mark : For(mark, component));
        if (Read(Owner) is not { Length: > 0 } owner || Read(Held) is null)
            return null;
        var since = DateTimeOffset.TryParse(Read(Since), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : (DateTimeOffset?)null;
        return new Custody(owner, Read(Run) ?? "", since);
    }
}
