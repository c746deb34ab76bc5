using Rollcall.Engine.Storage;

namespace Rollcall.Engine.Execution;

/// <summary>How the engine is set up. Read once at start.</summary>
public sealed class EngineOptions
{
    /// <summary><c>Rollcall__Database</c>: a SQLite connection string or the path of a file.</summary>
    /// <value>Default: <c>./data/rollcall.db</c>.</value>
    public string Database { get; set; } = Storage.Database.Default;

    /// <summary>A folder of engine profiles (<c>*.yaml</c>) that override or extend the built-in ones; null for none.</summary>
    public string? Profiles { get; set; }

    /// <summary>Observe only: no runs are driven, no probes taken, every command is refused.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>People may approve the plans they made and the runs they started. For demos, and for teams of one.</summary>
    public bool AllowSelfApproval { get; set; }

    /// <summary>The origin of the simulator inside the dashboard.</summary>
    public const string DemoOrigin = "demo";

    /// <summary>
    /// Where the clusters live: <see cref="DemoOrigin"/>, or the API server's address. A run is driven only where it was started; the demo's clusters start anew with each process, so
    /// unfinished runs of an earlier one are closed.
    /// </summary>
    public string Origin { get; set; } = "cluster";

    /// <summary>The name under which this Rollcall holds clusters. Empty: the host's name and an id kept in a file beside the database.</summary>
    public string Owner { get; set; } = "";

    /// <summary>Change freezes that hold for every run.</summary>
    public System.Collections.Immutable.ImmutableArray<Shared.WindowSpec> Freeze { get; set; } = [];

    /// <summary>How often the Lease of a cluster with an active run is renewed.</summary>
    /// <value>Default: 10 seconds.</value>
    public TimeSpan LeaseRenewal { get; set; } = TimeSpan.FromSeconds(10);
}
