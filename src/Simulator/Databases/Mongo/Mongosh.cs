namespace Rollcall.Simulator.Databases.Mongo;

/// <summary>mongosh's command line, as far as scripts use it: <c>mongosh --quiet --norc [--port N] --eval SCRIPT</c>.</summary>
internal static class Mongosh
{
    private const string Version = "2.3.8";

    /// <summary>Options that take a value. What they say about users and certificates does not matter here: the simulated server has no users.</summary>
    private static readonly HashSet<string> WithValue =
    [
        "--eval", "--port", "--host", "-u", "--username", "-p", "--password", "--authenticationDatabase", "--authenticationMechanism", "-f", "--file",
        "--tlsCertificateKeyFile", "--tlsCertificateKeyFilePassword", "--tlsCAFile", "--tlsCRLFile", "--apiVersion",
    ];

    private static readonly HashSet<string> Flags =
    [
        "--quiet", "--norc", "--nodb", "--shell", "--tls", "--ssl", "--tlsAllowInvalidCertificates", "--tlsAllowInvalidHostnames", "--json", "--retryWrites",
    ];

    public static CommandResult Run(MongoDatabase database, string pod, IReadOnlyList<string> words, DateTimeOffset now)
    {
        List<string> scripts = [];
        Dictionary<string, string> options = new(StringComparer.Ordinal);
        string? target = null;
        for (var i = 1; i < words.Count; i++)
        {
            var (name, inline) = words[i].StartsWith("--", StringComparison.Ordinal) && words[i].IndexOf('=', StringComparison.Ordinal) is > 0 and var at
                ? (words[i][..at], words[i][(at + 1)..])
                : (words[i], null);
            if (name is "--version")
                return CommandResult.Ok($"{Version}\n");
            if (!name.StartsWith('-'))
                target = name;
            else if (WithValue.Contains(name) && (inline ?? words.ElementAtOrDefault(++i)) is { } value)
                options[name] = Collect(name, value);
            else if (Flags.Contains(name))
                options[name] = inline ?? "";
            else
                return CommandResult.Fail(1, $"Error parsing command line: unrecognized option: {words[i < words.Count ? i : ^1]}\n");
        }
        var reached = Reach(database, pod, target, options.GetValueOrDefault("--host"), options.GetValueOrDefault("--port"));
        if (reached.Refusal is { } refusal)
            return CommandResult.Fail(1, refusal + "\n");
        if (scripts.Count == 0)
            return CommandResult.Ok("");
        return new MongoScript(database, reached.Pod, scripts, options.GetValueOrDefault("--json")).Run(now);

        string Collect(string name, string value)
        {
            if (name is "--eval")
                scripts.Add(value);
            return value;
        }
    }

    /// <summary>Who is at the other end: this container's own server unless host, port or connection string say otherwise.</summary>
    private static (string Pod, string? Refusal) Reach(MongoDatabase database, string pod, string? target, string? host, string? port)
    {
        if (target is not null && target.StartsWith("mongodb://", StringComparison.Ordinal))
        {
            var hosts = target["mongodb://".Length..].Split('/')[0].Split('@')[^1].Split(',');
            host = hosts[0];
        }
        host = host is { Length: > 0 } ? host.Split('/')[^1].Split(',')[0] : "127.0.0.1";
        if (host.Split(':') is [var nameOnly, var inHost])
            (host, port) = (nameOnly, inHost);
        var at = host is "localhost" or "127.0.0.1" or "::1" ? pod : host.Split('.')[0];
        var wanted = port ?? "27017";
        if (database.Find(at) is null && database.FindRouter(at) is null)
            return (at, $"MongoNetworkError: getaddrinfo ENOTFOUND {host}");
        var answers = database.Find(at)?.Answers ?? database.FindRouter(at)!.Up;
        var listens = wanted == $"{database.PortOf(at)}";
        return (at, answers && listens ? null : $"MongoNetworkError: connect ECONNREFUSED {(at == pod ? "127.0.0.1" : host)}:{wanted}");
    }
}
