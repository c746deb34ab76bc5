using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Rollcall.Engine.Storage;
using Xunit;

namespace Rollcall.Unit.Storage;

/// <summary>A process that dies by kill -9 in the middle of writing loses nothing it was told is written.</summary>
public sealed class KilledWriterTests : IDisposable
{
    private const string FileVariable = "ROLLCALL_TEST_KILLED_WRITER";
    private const string Acknowledged = "ack ";
    private const int EnoughWrites = 300;
    private readonly TempDatabase _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Kill_InTheMiddleOfWriting_LosesNothingAcknowledged()
    {
        var ct = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(KilledWriterTests).Assembly.Location);
        foreach (var argument in (string[])["-explicit", "only", "-method", $"{typeof(KilledWriterTests).FullName}.{nameof(Child_WritesUntilKilled)}"])
            start.ArgumentList.Add(argument);
        start.Environment[FileVariable] = _file.Path;
        using var child = Process.Start(start)!;
        var acknowledged = new List<int>();
        try
        {
            var acks = _file.Path + ".acks";
            // The child says what was acknowledged in a file of its own; lines that are there were written before the kill.
            while (!File.Exists(acks) || new FileInfo(acks).Length < EnoughWrites * 8)
            {
                Assert.False(child.HasExited, "The writing process ended by itself.");
                await Task.Yield();
                ct.ThrowIfCancellationRequested();
            }
            child.Kill();
            await child.WaitForExitAsync(ct);
            acknowledged.AddRange((await File.ReadAllTextAsync(acks, ct)).Split('\n').Where(l => l.StartsWith(Acknowledged, StringComparison.Ordinal) && l.EndsWith(';')).Select(l => int.Parse(l[Acknowledged.Length..^1], System.Globalization.CultureInfo.InvariantCulture)));
        }
        finally
        {
            if (!child.HasExited)
                child.Kill();
        }
        Assert.True(acknowledged.Count > 100);
        await using var database = _file.Open();
        using var db = database.Read();
        var there = (await db.Set<IdempotencyRow>().Select(k => k.Key).ToListAsync(ct)).ToHashSet();
        Assert.DoesNotContain(acknowledged, i => !there.Contains($"{i}"));
    }

    [Fact(Explicit = true)]
    public async Task Child_WritesUntilKilled()
    {
        var path = Environment.GetEnvironmentVariable(FileVariable);
        if (path is null)
            return;
        await using var database = Database.Open(path, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        await using var acks = new FileStream(path + ".acks", FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var gate = new Lock();
        async Task WriteAsync(int i)
        {
            await database.WriteAsync(db => { db.Add(GroupCommitTests.Key($"{i}")); });
            lock (gate)
                acks.Write(System.Text.Encoding.ASCII.GetBytes($"{Acknowledged}{i};\n"));
        }
        for (var round = 0; !TestContext.Current.CancellationToken.IsCancellationRequested; round++)
            await Task.WhenAll(Enumerable.Range(round * 20, 20).Select(WriteAsync));
    }
}
