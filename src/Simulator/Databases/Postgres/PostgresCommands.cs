using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rollcall.Simulator.Databases.Postgres;

/// <summary>psql, pg_isready and patronictl as they answer in a member's container.</summary>
internal static class PostgresCommands
{
    private static readonly JsonSerializerOptions Spaced = new() { WriteIndented = false };

    public static async Task<CommandResult?> RunAsync(PatroniDatabase database, PostgresMember member, IReadOnlyList<string> words, DateTimeOffset now) => words switch
    {
        ["psql", ..] => Psql(database, member, words, now),
        ["pg_isready", ..] => member.State is PostgresState.Running or PostgresState.Streaming
            ? CommandResult.Ok("/var/run/postgresql:5432 - accepting connections\n")
            : new CommandResult(2, "/var/run/postgresql:5432 - no response\n", ""),
        ["patronictl", ..] => await PatroniCtlAsync(database, words, now),
        _ => null,
    };

    private static CommandResult Psql(PatroniDatabase database, PostgresMember member, IReadOnlyList<string> words, DateTimeOffset now)
    {
        if (member.State is PostgresState.Stopped or PostgresState.Starting)
        {
            return CommandResult.Fail(2, "psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: "
                + "FATAL:  the database system is starting up\n");
        }
        var sql = words.SkipWhile(w => w is not ("-c" or "-Atc" or "-tAc" or "-Atqc" or "-tAqc" or "--command")).Skip(1).FirstOrDefault()
            ?? words.FirstOrDefault(w => w.StartsWith("--command=", StringComparison.Ordinal))?["--command=".Length..] ?? "";
        if (sql.TrimStart().StartsWith("checkpoint", StringComparison.OrdinalIgnoreCase))
            return CommandResult.Ok("CHECKPOINT\n");

        var leads = database.Leads(member) || member.Usurper;
        var answer = new JsonObject
        {
            ["role"] = leads ? "primary" : "replica",
            ["in_recovery"] = !leads,
            ["position"] = database.PositionOf(member, now),
            ["streaming"] = member.State is PostgresState.Streaming,
            ["timeline"] = member.Timeline,
            ["version"] = member.Version,
        };
        return CommandResult.Ok(answer.ToJsonString(Spaced) + "\n");
    }

    private static async Task<CommandResult> PatroniCtlAsync(PatroniDatabase database, IReadOnlyList<string> words, DateTimeOffset now)
    {
        var arguments = Arguments.Parse(words.Skip(1));
        return arguments.Positional switch
        {
            ["list" or "topology", ..] => List(database, arguments.Option("-f", "--format"), now),
            ["switchover", ..] => await SwitchoverAsync(database, arguments, now),
            ["version", ..] => CommandResult.Ok("patronictl version 3.3.2\n"),
            _ => CommandResult.Fail(2, "Usage: patronictl [OPTIONS] COMMAND [ARGS]...\nTry 'patronictl --help' for help.\n\nError: No such command.\n"),
        };
    }

    private static CommandResult List(PatroniDatabase database, string? format, DateTimeOffset now)
    {
        if (format is not ("json" or null or "pretty"))
            return CommandResult.Fail(2, $"Error: Invalid value for '--format' / '-f': '{format}'.\n");
        var rows = database.Members.Select(m => Row(database, m, now)).ToList();
        if (format is "json")
            return CommandResult.Ok("[" + string.Join(", ", rows.Select(r => r.ToJsonString(Spaced))) + "]\n");
        var lines = rows.Select(r => string.Join(" | ", r.Where(c => c.Key != "Cluster").Select(c => c.Value?.ToString())));
        return CommandResult.Ok($"+ Cluster: {database.Name} +\n" + string.Concat(lines.Select(l => $"| {l} |\n")));
    }

    private static JsonObject Row(PatroniDatabase database, PostgresMember member, DateTimeOffset now)
    {
        var leads = database.Leads(member);
        var row = new JsonObject
        {
            ["Cluster"] = database.Name,
            ["Member"] = member.Pod,
            ["Host"] = member.Ip,
            ["Role"] = leads ? "Leader" : "Replica",
            ["State"] = member.State.ToString().ToLowerInvariant(),
        };
        if (member.State is PostgresState.Stopped or PostgresState.Starting)
        {
            row["Lag in MB"] = "unknown";
            return row;
        }
        row["TL"] = member.Timeline;
        if (!leads)
            row["Lag in MB"] = database.LagOf(member, now) / 1_048_576;
        return row;
    }

    private static async Task<CommandResult> SwitchoverAsync(PatroniDatabase database, Arguments arguments, DateTimeOffset now)
    {
        var leader = arguments.Option("--leader", "--master", "--primary") ?? database.Leader?.Pod;
        var candidate = arguments.Option("--candidate");
        if (!arguments.Has("--force"))
            return CommandResult.Fail(1, "Aborted!\n");
        if (database.Leader is not { State: PostgresState.Running } current)
            return CommandResult.Fail(1, "Error: This cluster has no leader\n");
        if (leader != current.Pod)
            return CommandResult.Fail(1, $"Error: Member {leader} is not the leader of cluster {database.Name}\n");
        var target = candidate is null
            ? database.Members.Where(m => m.State is PostgresState.Streaming).OrderBy(m => database.LagOf(m, now)).FirstOrDefault()
            : database.Find(candidate);
        if (candidate is not null && target is null)
            return CommandResult.Fail(1, $"Error: Member {candidate} does not exist in cluster {database.Name} or is tagged as nofailover\n");
        if (target == current)
            return CommandResult.Fail(1, "Error: Switchover target and source are the same.\n");
        if (target is not { State: PostgresState.Streaming } || database.LagOf(target, now) > PatroniDatabase.MaximumLagOnFailover)
            return CommandResult.Fail(1, "Switchover failed, details: 412, no good candidates have been found\n");

        return await database.BeginSwitchover(target, now)
            ? CommandResult.Ok($"{now:yyyy-MM-dd HH:mm:ss.fffff} Successfully switched over to \"{target.Pod}\"\n")
            : CommandResult.Fail(1, "Switchover failed, details: 503, Switchover failed\n");
    }

    /// <summary>Options may stand anywhere and take their value as the next word or after an equals sign.</summary>
    private sealed record Arguments(IReadOnlyList<string> Positional, IReadOnlyDictionary<string, string> Options)
    {
        private static readonly HashSet<string> Flags = ["--force", "-e", "--extended", "-t", "--timestamp", "-k", "--insecure"];

        public bool Has(string name) => Options.ContainsKey(name);

        public string? Option(params string[] names) => names.Select(n => Options.GetValueOrDefault(n)).FirstOrDefault(v => v is not null);

        public static Arguments Parse(IEnumerable<string> words)
        {
            List<string> positional = [];
            Dictionary<string, string> options = new(StringComparer.Ordinal);
            string? pending = null;
            foreach (var word in words)
            {
                if (pending is not null)
                {
                    options[pending] = word;
                    pending = null;
                }
                else if (!word.StartsWith('-'))
                {
                    positional.Add(word);
                }
                else if (Flags.Contains(word))
                {
                    options[word] = "";
                }
                else if (word.Split('=', 2) is [var name, var value])
                {
                    options[name] = value;
                }
                else
                {
                    pending = word;
                }
            }
            return new(positional, options);
        }
    }
}
