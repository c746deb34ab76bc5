using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Rollcall.Unit.Storage;
using Xunit;

namespace Rollcall.Unit.Execution;

/// <summary>
/// A process of its own drives the run and kills itself (SIGKILL) the first time it reaches any point: after every write to the journal, before every act, after every act whose answer is not written yet.
/// The next process goes on from the same file, until one of them sees the end. The cluster outlives them all: what happened to it is a log that each new process plays again.
/// A third of the points, drawn anew each time, is enough for a build; ROLLCALL_TEST_EVERY_POINT=1 takes them all, one process each.
/// </summary>
public sealed class KillPointTests : IDisposable
{
    private const string FolderVariable = "ROLLCALL_TEST_KILL_POINTS";
    private const int MostLives = 250;
    private static readonly bool EveryPoint = Environment.GetEnvironmentVariable("ROLLCALL_TEST_EVERY_POINT") == "1";

    private readonly int _seed = Random.Shared.Next(1, 1_000_000);

    private readonly TempDatabase _file = new();
    private readonly string _world;
    private readonly string _points;
    private readonly string _end;

    public KillPointTests() => (_world, _points, _end) = (_file.Path + ".world", _file.Path + ".points", _file.Path + ".end");

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Rollout_KilledAtEveryPoint_EndsAsIfNothingHadHappened()
    {
        string run;
        await using (var bench = await new Bench(World(), _file).StartAsync())
            run = await bench.RunAsync();

        var lives = await LiveAsync(run);

        var toy = World();
        Assert.True(lives > (EveryPoint ? 30 : 4), $"{lives} lives, seed {_seed}");
        Assert.Equal([1, 1], toy.Replaced.Values);
        await EndedAsync(run, toy, "7.2.5");
    }

    [Fact]
    public async Task Rollback_KilledAtEveryPoint_EndsAsIfNothingHadHappened()
    {
        string run;
        await using (var bench = await new Bench(World(), _file).StartAsync())
        {
            var forward = await bench.RunAsync();
            Assert.Equal(RunState.Succeeded, (await bench.EndAsync(forward)).State);
            run = Bench.Accepted(await bench.Rollouts.RollbackAsync(forward, "test", Bench.Ann, Bench.Ct)).Id;
        }

        var lives = await LiveAsync(run);

        var toy = World();
        Assert.True(lives > (EveryPoint ? 30 : 4), $"{lives} lives, seed {_seed}");
        Assert.Equal([2, 2], toy.Replaced.Values);
        await EndedAsync(run, toy, "7.2.4");
    }

    private async Task EndedAsync(string run, ToyCluster toy, string version)
    {
        Assert.Empty(toy.Violations);
        Assert.Equal(version == "7.2.5" ? 1 : 2, toy.Switchovers);
        Assert.All(toy.Groups.SelectMany(g => g.Members), m => Assert.Equal((version, true), (m.Version, m.Ready)));
        Assert.All(toy.Groups, g => Assert.Null(g.HeldBy));
        await using var bench = await new Bench(toy, _file).StartAsync();
        var view = bench.View(run);
        Assert.Equal(RunState.Succeeded, view.State);
        Assert.All(view.Obligations, o => Assert.True(o.Returned, o.Object));
    }

    /// <summary>One process after another, each until it is dead or the run has ended; how many there were.</summary>
    private async Task<int> LiveAsync(string run)
    {
        for (var life = 1; life <= MostLives; life++)
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
                start.ArgumentList.Add(typeof(KillPointTests).Assembly.Location);
            foreach (var argument in (string[])["-explicit", "only", "-method", $"{typeof(KillPointTests).FullName}.{nameof(Child_DrivesTheRunUntilItDies)}"])
                start.ArgumentList.Add(argument);
            start.Environment[FolderVariable] = string.Create(CultureInfo.InvariantCulture, $"{_file.Path}|{run}|{_seed}");
            using var child = Process.Start(start)!;
            var said = child.StandardOutput.ReadToEndAsync(Bench.Ct);
            var erred = child.StandardError.ReadToEndAsync(Bench.Ct);
            await child.WaitForExitAsync(Bench.Ct);
            if (File.Exists(_end))
                return life;
            Assert.True(child.ExitCode == 137, $"Life {life} ended by itself ({child.ExitCode}, seed {_seed}) at {(File.Exists(_points) ? File.ReadLines(_points).LastOrDefault() : "the start")}: {await said} {await erred}");
        }
        Assert.Fail($"After {MostLives} lives the run has not ended: {string.Join(", ", File.ReadLines(_points).TakeLast(6))}");
        return 0;
    }

    private static bool Drawn(string point, int seed) => new Random(seed + point.Aggregate(17, (hash, c) => unchecked((hash * 31) + c))).Next(3) == 0;

    private ToyCluster World() => World(_world);

    /// <summary>The cluster as all that has happened to it left it; what happens next is added.</summary>
    private static ToyCluster World(string log)
    {
        var toy = new ToyCluster(1, shards: 1, members: 2, faults: 0, bad: null);
        if (File.Exists(log))
            foreach (var line in File.ReadAllLines(log))
                toy.Replay(line);
        toy.Recorder = line => File.AppendAllText(log, line + "\n");
        return toy;
    }

    [Fact(Explicit = true)]
    public async Task Child_DrivesTheRunUntilItDies()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable)?.Split('|') is not [var path, var run, var seed])
            return;
        var (world, points, end) = (path + ".world", path + ".points", path + ".end");
        var reached = File.Exists(points) ? File.ReadAllLines(points).ToHashSet(StringComparer.Ordinal) : [];
        var gate = new Lock();
        void Point(string name)
        {
            lock (gate)
            {
                if (!reached.Add(name) || !(EveryPoint || Drawn(name, int.Parse(seed, CultureInfo.InvariantCulture))))
                    return;
                File.AppendAllText(points, name + "\n");
                Process.GetCurrentProcess().Kill();
                using var never = new ManualResetEventSlim();
                never.Wait(Bench.Ct); // nothing more of this life
            }
        }

        var toy = World(world);
        using var file = new TempDatabase(path);
        await using var bench = new Bench(toy, file);
        bench.Driver.Before = (act, _) =>
        {
            Point($"before {act.Step}");
            return null;
        };
        bench.Driver.Around = (_, effect) =>
        {
            effect();
            Point($"after {toy.LastStep}");
        };
        bench.Decider = () =>
        {
            var decide = new Decider();
            return state =>
            {
                Point(string.Create(CultureInfo.InvariantCulture, $"line {state.Ledger.Seq}"));
                return decide.Decide(state);
            };
        };
        await bench.StartAsync();
        var view = await bench.EndAsync(run);
        await File.WriteAllTextAsync(end, JsonSerializer.Serialize(view.State), Bench.Ct);
    }
}
