namespace Rollcall.Simulator.Databases.Shell;

/// <summary>
/// Runs an argument vector as a container would: directly, or as a script given to sh -c. The database answers its own commands;
/// a few small ones that scripts are made of are answered here; the rest is not found (127).
/// </summary>
internal static class ContainerShell
{
    public delegate Task<CommandResult?> Runner(IReadOnlyList<string> words);

    public static async Task<CommandResult> RunAsync(IReadOnlyList<string> argv, Runner runner)
    {
        if (argv is not ["sh" or "bash" or "/bin/sh" or "/bin/bash", .., var script] || !argv.Skip(1).Any(a => a.StartsWith('-') && a.EndsWith('c')))
            return await RunOneAsync(argv, runner);

        var (code, stdout, stderr) = (0, "", "");
        foreach (var command in ShellScript.Parse(script))
        {
            if ((command.Joint is Joint.IfOk && code != 0) || (command.Joint is Joint.IfFailed && code == 0))
                continue;
            if (command.Pipeline is [["exit", ..]] && int.TryParse(command.Pipeline[0].ElementAtOrDefault(1) ?? "0", out var wanted))
                return new(wanted, stdout, stderr);
            var result = await RunOneAsync(command.Pipeline[0], runner);
            foreach (var filter in command.Pipeline.Skip(1))
                result = TextFilters.Apply(filter, result);
            code = result.ExitCode;
            stdout += result.Stdout;
            stderr += result.Stderr;
        }
        return new(code, stdout, stderr);
    }

    private static async Task<CommandResult> RunOneAsync(IReadOnlyList<string> words, Runner runner)
    {
        // NAME=value in front of a command, and wrappers that only change how it runs.
        var rest = words.SkipWhile(w => w.IndexOf('=', StringComparison.Ordinal) > 0 && !w.StartsWith('-')).ToList();
        while (rest is ["exec" or "env" or "command", .. var inner])
            rest = inner;
        if (rest is ["timeout", _, .. var limited])
            rest = limited;
        if (rest is [var program, ..] && program.StartsWith('/'))
            rest[0] = program[(program.LastIndexOf('/') + 1)..];
        return rest switch
        {
            [] or ["true" or ":" or "set" or "export" or "unset" or "sleep" or "sync", ..] => CommandResult.Ok(""),
            ["false", ..] => CommandResult.Fail(1, ""),
            ["printenv", _] => await runner(rest) ?? CommandResult.Fail(1, ""),
            ["echo", .. var said] => CommandResult.Ok(string.Join(' ', said) + "\n"),
            ["printf", var format] => CommandResult.Ok(format.Replace("\\n", "\n", StringComparison.Ordinal)),
            _ => await runner(rest) ?? CommandResult.Fail(127, $"sh: 1: {rest[0]}: not found\n"),
        };
    }
}

/// <summary>The filters that scripts pipe a report through.</summary>
internal static class TextFilters
{
    public static CommandResult Apply(IReadOnlyList<string> filter, CommandResult input) => filter.ToArray() switch
    {
        ["cat"] => input,
        ["tr", "-d", var set] => input with { Stdout = Without(input.Stdout, set) },
        ["grep", .. var options, var pattern] => Grep(options, pattern, input),
        ["head", .. var options] => input with { Stdout = Join(Lines(input.Stdout).Take(Count(options))) },
        ["tail", .. var options] => input with { Stdout = Join(Lines(input.Stdout).TakeLast(Count(options))) },
        _ => CommandResult.Fail(127, $"sh: 1: {filter[0]}: not found\n"),
    };

    private static CommandResult Grep(string[] options, string pattern, CommandResult input)
    {
        var comparison = options.Any(o => o.Contains('i', StringComparison.Ordinal)) ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var quiet = options.Any(o => o.StartsWith('-') && o.Contains('q', StringComparison.Ordinal));
        var fromStart = pattern.StartsWith('^');
        var text = pattern.Trim('^');
        var found = Lines(input.Stdout).Where(l => fromStart ? l.StartsWith(text, comparison) : l.Contains(text, comparison)).ToList();
        return new(found.Count > 0 ? 0 : 1, quiet ? "" : Join(found), input.Stderr);
    }

    private static int Count(string[] options) =>
        int.TryParse((options is [.., var last] ? last : "").TrimStart('-', 'n'), System.Globalization.CultureInfo.InvariantCulture, out var count) ? count : 10;

    private static string Without(string text, string set)
    {
        var unescaped = set.Replace("\\r", "\r", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal);
        return string.Concat(text.Where(c => !unescaped.Contains(c, StringComparison.Ordinal)));
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Join(IEnumerable<string> lines) => string.Concat(lines.Select(l => l + "\n"));
}
