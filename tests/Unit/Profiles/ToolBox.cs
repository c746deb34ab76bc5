using System.Diagnostics;
using Xunit;

namespace Rollcall.Unit.Profiles;

/// <summary>A folder of stand-ins for databases' tools, and a real shell that finds nothing else first.</summary>
internal sealed class ToolBox : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rollcall-tools-");

    public void Dispose() => _folder.Delete(recursive: true);

    public ToolBox With(string name, string script)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return this;
    }

    /// <summary>A tool that prints a text, whatever it is asked.</summary>
    public ToolBox Printing(string name, string text) => With(name, $"cat <<'END_OF_SAMPLE'\n{text}\nEND_OF_SAMPLE");

    public (int Code, string Output) Run(IEnumerable<string> command, params (string Name, string Value)[] environment)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("The scripts run in Linux containers.");
        // .NET ignores SIGPIPE and its children inherit that; in a container a tool whose reader has seen enough just ends.
        var start = new ProcessStartInfo("/usr/bin/env", ["-i", "--default-signal=PIPE", $"PATH={_folder.FullName}:/usr/bin:/bin", .. environment.Select(e => $"{e.Name}={e.Value}"), .. command.Select(c => c.Replace("{to}", "pod-1", StringComparison.Ordinal).Replace("{from}", "pod-0", StringComparison.Ordinal))])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(10_000));
        Assert.Equal("", errors.GetAwaiter().GetResult());
        return (process.ExitCode, output);
    }
}
