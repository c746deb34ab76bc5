using Rollcall.Engine.Storage;

namespace Rollcall.Engine.Execution;

/// <summary>How the engine is set up. Read once at start.</summary>
public sealed class EngineOptions
{
    /// <summary><c>Rollcall__Database</c>: a SQLite connection string or the path of a file.</summary>
    /// <value>Default: <c>./data/rollcall.db</c>.</value>
    public string Database { get; set; } = Storage.Database.Default;

    /// <summary>Observe only: no runs are driven, no probes taken, every command is refused.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>The cluster is the simulator's and starts anew with each process: unfinished runs of an earlier one are closed.</summary>
    public bool Demo { get; set; }

    /// <summary>Where the clusters live: <c>demo</c>, or the API server's address. A run is driven only where it was started.</summary>
    public string Origin { get; set; } = "cluster";

    /// <summary>The name under which this Rollcall holds clusters. Empty: the host's name and an id kept in a file beside the database.</summary>
    public string Owner { get; set; } = "";

    /// <summary>How often the Lease of a cluster with an active run is renewed.</summary>
    /// <value>Default: 10 seconds.</value>
    public TimeSpan LeaseRenewal { get; set; } = TimeSpan.FromSeconds(10);
}
