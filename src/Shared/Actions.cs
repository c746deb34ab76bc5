using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Rollcall.Shared;

/// <summary>Something that is run for a plan: exactly one of exec, job, webhook, ops or backup, with its limits. Hooks, backups, movers and finalisers all are these.</summary>
public sealed record ActionSpec
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    public ExecAction? Exec { get; init; }
    public JobAction? Job { get; init; }
    public WebhookAction? Webhook { get; init; }
    public OpsAction? Ops { get; init; }
    public BackupAction? Backup { get; init; }
    /// <summary>Asked for by an analysis, never by a hook.</summary>
    public MetricAction? Metric { get; init; }
    /// <summary>From the beginning of one attempt to its end.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;
    /// <summary>Further attempts by itself after one that failed, or of which nobody knows how it ended.</summary>
    public int Retries { get; init; }

    /// <summary>exec, job, webhook, ops or backup.</summary>
    [JsonIgnore]
    public string Kind => this switch { { Exec: not null } => "exec", { Job: not null } => "job", { Webhook: not null } => "webhook", { Ops: not null } => "ops", { Backup: not null } => "backup", { Metric: not null } => "metric", _ => "nothing" };

    /// <summary>What is run, verbatim, for the people who approve it.</summary>
    [JsonIgnore]
    public string Verbatim => this switch
    {
        { Exec: { } e } => string.Join(' ', e.Command.Select(Quoted)),
        { Job: { } j } => $"{j.Image}{string.Concat(j.Command.Select(c => " " + Quoted(c)))}",
        { Webhook: { } w } => $"{w.Method} {w.Url}",
        { Ops: { } o } => $"OpsRequest {o.OpsDefinition}{string.Concat(o.Parameters.Select(p => $" {p.Key}={Quoted(p.Value)}"))}",
        { Backup: { } b } => $"Backup by {b.Method}{(b.Policy is { } p ? $" of policy {p}" : "")}",
        { Metric: { } m } => m.Prometheus ?? m.Json?.Url ?? "",
        _ => "",
    };

    /// <summary>What a preview assumes; nobody measures before.</summary>
    [JsonIgnore]
    public TimeSpan Estimate
    {
        get
        {
            var usual = TimeSpan.FromSeconds(this switch { { Job: not null } => 20, { Ops: not null } => 30, { Backup: not null } => 60, { Metric: not null } => 1, _ => 3 });
            return usual < Timeout ? usual : Timeout;
        }
    }

    private static string Quoted(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,@%+".Contains(c, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

/// <summary>A command in a container of a member, with that container's own environment.</summary>
public sealed record ExecAction
{
    /// <summary>Null: the container that carries the version, else the first.</summary>
    public string? Container { get; init; }
    public required ImmutableArray<string> Command { get; init; }
}

/// <summary>A Kubernetes Job of one Pod beside the cluster, never restarted by itself.</summary>
public sealed record JobAction
{
    public required string Image { get; init; }
    /// <summary>Empty: the image's own.</summary>
    public ImmutableArray<string> Command { get; init; } = [];
    public string? ServiceAccount { get; init; }
}

/// <summary>An HTTP request, signed where a secret is named.</summary>
public sealed record WebhookAction
{
    public required string Url { get; init; }
    public string Method { get; init; } = "POST";
    /// <summary>Null: a JSON object that says which run, step and member it is about.</summary>
    public string? Body { get; init; }
    /// <summary>Name of a secret in Rollcall's own configuration (never the secret itself).</summary>
    public string? Secret { get; init; }
}

/// <summary>A KubeBlocks OpsRequest of type Custom.</summary>
public sealed record OpsAction
{
    public required string OpsDefinition { get; init; }
    /// <summary>Null: the component it is run for.</summary>
    public string? Component { get; init; }
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>A KubeBlocks Backup by a policy's method.</summary>
public sealed record BackupAction
{
    /// <summary>Null: the one BackupPolicy of the cluster's component.</summary>
    public string? Policy { get; init; }
    public required string Method { get; init; }
}

/// <summary>What an action said: its last output, bounded and with secrets masked, and how it ended.</summary>
/// <param name="ExitCode">Exit code of a command or Job, status code of a webhook; null while it runs and where there is none.</param>
/// <param name="Truncated">There was more before.</param>
public sealed record ActionOutput(int? ExitCode, string Tail, bool Truncated);
