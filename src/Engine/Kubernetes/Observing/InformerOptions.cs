namespace Rollcall.Engine.Kubernetes.Observing;

/// <summary>How an informer lists, watches and comes back.</summary>
public sealed record InformerOptions
{
    /// <summary>Objects per page of a list.</summary>
    public int PageSize { get; init; } = 500;
    /// <summary>The server ends a watch after this long; a fresh one costs nothing and proves that the connection lives.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromSeconds(240);
    /// <summary>No line for this long (bookmarks come every minute where there is anything to tell): the watch is opened anew, which a dead connection cannot do.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(75);
    /// <summary>How long the server may take to begin an answer.</summary>
    public TimeSpan Headers { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>How often a kind that is not installed, or not permitted, is asked for again.</summary>
    public TimeSpan Recheck { get; init; } = TimeSpan.FromSeconds(30);
    public TimeSpan BackoffFirst { get; init; } = TimeSpan.FromMilliseconds(200);
    public TimeSpan BackoffMost { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>0 to 1; spreads the attempts of many informers.</summary>
    public Func<double> Jitter { get; init; } = Random.Shared.NextDouble;
}
