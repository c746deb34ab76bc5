namespace Rollcall.Simulator.Operators.Nodes;

/// <summary>A machine of the simulated cluster.</summary>
public sealed record SimulatedNode(string Name, string Zone);

/// <summary>How long the node agent takes for each step, in the time of the simulator (already divided by its speed).</summary>
public sealed record NodeTimings
{
    /// <summary>From the scheduled Pod to its started containers: image, volumes, network.</summary>
    public TimeSpan Create { get; init; } = TimeSpan.FromMilliseconds(900);

    /// <summary>From the started containers to Ready.</summary>
    public TimeSpan Ready { get; init; } = TimeSpan.FromMilliseconds(1600);

    /// <summary>From the deletion to the Pod's end; never longer than its grace period.</summary>
    public TimeSpan Terminate { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Before a container that ended by itself is started again.</summary>
    public TimeSpan CrashBackOff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Before an image that could not be pulled is asked for again.</summary>
    public TimeSpan PullBackOff { get; init; } = TimeSpan.FromSeconds(10);

    public NodeTimings Faster(double speed) => new()
    {
        Create = Create / speed,
        Ready = Ready / speed,
        Terminate = Terminate / speed,
        CrashBackOff = CrashBackOff / speed,
        PullBackOff = PullBackOff / speed,
    };
}

/// <summary>The tags that no registry has.</summary>
internal sealed class ImageRegistry(IEnumerable<string> badTags)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _bad = [.. badTags];

    public void SetBad(string tag)
    {
        lock (_lock)
            _bad.Add(tag);
    }

    /// <summary>By exact tag, or any tag with <c>bad</c> in it.</summary>
    public bool Has(string image)
    {
        var tag = TagOf(image);
        lock (_lock)
            return !tag.Contains("bad", StringComparison.Ordinal) && !_bad.Contains(tag);
    }

    public static string TagOf(string image)
    {
        var name = image.Split('@')[0];
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[(colon + 1)..] : "latest";
    }
}
