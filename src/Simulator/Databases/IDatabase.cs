namespace Rollcall.Simulator.Databases;

/// <summary>A process of a database that starts on a volume: the Pod's name is the volume, so data outlive the Pod.</summary>
/// <param name="Pod">Name of the Pod.</param>
/// <param name="Shard">Replication group it belongs to.</param>
/// <param name="Ip">Address of this Pod; a successor gets another.</param>
/// <param name="Version">Version of the binary: the image's tag.</param>
/// <param name="Component">Component of the cluster, for databases that are more than one.</param>
/// <param name="Port">Port that it listens on; 0 is the database's usual one.</param>
internal sealed record MemberStart(string Pod, string Shard, string Ip, string Version, string Component = "", int Port = 0);

/// <summary>A replication group as it is before its Pods: so many members are expected, one of them leads first, some have a lesser part.</summary>
internal sealed record GroupDeclaration(string Component, string Shard, string FirstLeader)
{
    /// <summary>Names of the Pods, where they are known before.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];

    /// <summary>MongoDB: members that vote and hold no data.</summary>
    public IReadOnlyList<string> Arbiters { get; init; } = [];

    /// <summary>MongoDB: members that follow, vote, and never lead.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];
}

/// <summary>What a container said at the end of a command.</summary>
internal sealed record CommandResult(int ExitCode, string Stdout, string Stderr)
{
    /// <summary>Set while the command still waits for something; then the texts are not yet its last words.</summary>
    public Unfinished? Rest { get; init; }

    public static CommandResult Ok(string stdout) => new(0, stdout, "");

    public static CommandResult Fail(int code, string stderr) => new(code, "", stderr);
}

/// <summary>A command that waits for the database: when the task is over, the rest runs, again one caller at a time.</summary>
internal sealed record Unfinished(Task Wait, Func<DateTimeOffset, CommandResult> Resume);

/// <summary>
/// An in-memory model of one database system. It has no clock and no thread of its own: every call says what time it is, and
/// <see cref="NextEvent"/> says when something will happen by itself. Callers serialise the calls.
/// </summary>
internal interface IDatabase
{
    /// <summary>Makes a replication group known before its members start.</summary>
    void Declare(GroupDeclaration group);

    /// <summary>When <see cref="Advance"/> should be called next, if at all.</summary>
    DateTimeOffset? NextEvent { get; }

    /// <summary>The main process starts. A sentence means that it ends at once with that message.</summary>
    string? Start(MemberStart member, DateTimeOffset now);

    /// <summary>The process ends; a clean end may say goodbye to its peers.</summary>
    void Stop(string pod, bool clean, DateTimeOffset now);

    /// <summary>What a readiness probe in the Pod says.</summary>
    bool Ready(string pod);

    /// <summary>What the member believes to be, as its role label would say; null while it cannot tell.</summary>
    string? RoleOf(string pod);

    void Advance(DateTimeOffset now);

    /// <summary>Runs one command (already split into words) in the member's container; null when there is no such command.</summary>
    Task<CommandResult?> RunAsync(string pod, IReadOnlyList<string> words, DateTimeOffset now);

    /// <summary>Members whose role differs from what the last call of this method saw.</summary>
    IReadOnlyList<string> TakeRoleChanges();

    /// <summary>A leader change that nobody planned. False when no member could take over.</summary>
    bool FailOver(string shard, DateTimeOffset now);

    void SetLag(string pod, double seconds, DateTimeOffset now);

    /// <summary>A second member of the shard believes to lead as well, until it restarts.</summary>
    bool SplitBrain(string shard, DateTimeOffset now);

    /// <summary>Planned hand-overs are accepted and then do not happen.</summary>
    bool HandoversFail { get; set; }
}
