using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Configuration;

public enum CommandKind { Serve, Release, AuditVerify, Help }

/// <summary>What was asked for on the command line, as configuration keys.</summary>
public sealed record CommandLine
{
    public const string Usage = """
        Rollcall: rollouts for stateful applications on Kubernetes.

          rollcall                                  a demo cluster in this process, and the dashboard on http://127.0.0.1:5480
          rollcall --kubeconfig PATH                a real cluster; in a Pod the service account is used without any option
          rollcall release NAMESPACE/NAME           give the held update strategies of a cluster back, without the database
          rollcall audit verify                     check the chain of the audit log; exit code 1 when it was tampered with

          --kubeconfig PATH     kubeconfig file                        --context NAME      a context of it
          --namespace NAME      one namespace instead of all           --read-only         observe only; no command is accepted
          --database FILE       SQLite file (default ./data/rollcall.db)
          --urls URL            where to listen (default http://127.0.0.1:5480)
          --demo                the demo cluster, even in a Pod        --scenario NAME     a scenario of the demo cluster
          --even-if-mixed       with release: also while members differ; the controllers will then restart some
          --head SEQ:HASH       with audit verify: an entry that was noted earlier, to find a log whose end was cut off
          --Section:Key=VALUE   any other setting, e.g. --Logging:LogLevel:Default=Debug
        """;

    private static readonly Dictionary<string, string> WithValue = new(StringComparer.Ordinal)
    {
        ["--kubeconfig"] = "Rollcall:Cluster:Kubeconfig",
        ["--context"] = "Rollcall:Cluster:Context",
        ["--namespace"] = "Rollcall:Cluster:Namespace",
        ["-n"] = "Rollcall:Cluster:Namespace",
        ["--scenario"] = "Rollcall:Cluster:Scenario",
        ["--database"] = "Rollcall:Database",
        ["--urls"] = "urls",
        ["--environment"] = "environment",
        ["--head"] = HeadKey,
    };

    private static readonly Dictionary<string, string> Flags = new(StringComparer.Ordinal)
    {
        ["--read-only"] = "Rollcall:ReadOnly",
        ["--demo"] = "Rollcall:Cluster:Demo",
        ["--even-if-mixed"] = EvenIfMixedKey,
    };

    private const string EvenIfMixedKey = "Rollcall:Release:EvenIfMixed", HeadKey = "Rollcall:Audit:Head";

    public CommandKind Command { get; init; } = CommandKind.Serve;
    public ClusterKey Target { get; init; }
    public ImmutableDictionary<string, string?> Settings { get; init; } = ImmutableDictionary<string, string?>.Empty;
    /// <summary>One line for the person who typed it, or null.</summary>
    public string? Error { get; init; }

    public bool EvenIfMixed => Settings.ContainsKey(EvenIfMixedKey);

    /// <summary>A noted head of the audit log, SEQ:HASH.</summary>
    public string? Head => Settings.GetValueOrDefault(HeadKey);

    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var parsed = new CommandLine();
        var settings = ImmutableDictionary.CreateBuilder<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = Split(args[i]);
            if (name is "--help" or "-h" or "help")
                return new CommandLine { Command = CommandKind.Help };
            if (name == "release" && i == 0)
                parsed = parsed with { Command = CommandKind.Release };
            else if (name == "audit" && i == 0)
            {
                if (args.Count < 2 || args[++i] != "verify")
                    return Wrong("audit can do one thing: rollcall audit verify.");
                parsed = parsed with { Command = CommandKind.AuditVerify };
            }
            else if (!name.StartsWith('-') && parsed is { Command: CommandKind.Release, Target.Name: null } && ClusterKey.TryParse(name, out var target))
                parsed = parsed with { Target = target };
            else if (Flags.TryGetValue(name, out var flag))
                settings[flag] = value ?? "true";
            else if (WithValue.TryGetValue(name, out var key))
            {
                if (value is null && ++i >= args.Count)
                    return Wrong($"{name} needs a value.");
                settings[key] = value ?? args[i];
            }
            else if (name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':', StringComparison.Ordinal) && value is not null)
                settings[name[2..]] = value;
            else
                return Wrong($"\"{args[i]}\" is not an option of Rollcall; see --help.");
        }
        if (parsed is { Command: CommandKind.Release, Target.Name: null })
            return Wrong("release needs a cluster: rollcall release NAMESPACE/NAME.");
        if (parsed.Command != CommandKind.Release && settings.ContainsKey(EvenIfMixedKey))
            return Wrong("--even-if-mixed belongs to release.");
        if (parsed.Command != CommandKind.AuditVerify && settings.ContainsKey(HeadKey))
            return Wrong("--head belongs to audit verify.");
        return parsed with { Settings = settings.ToImmutable() };
    }

    private static (string Name, string? Value) Split(string arg)
    {
        var equals = arg.StartsWith('-') ? arg.IndexOf('=', StringComparison.Ordinal) : -1;
        return equals < 0 ? (arg, null) : (arg[..equals], arg[(equals + 1)..]);
    }

    private static CommandLine Wrong(string error) => new() { Error = error };
}
