using System.Text.Json.Nodes;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Databases.Mongo;
using Xunit;

namespace Rollcall.Unit.Simulator;

/// <summary>A sharded MongoDB on a clock that the test turns: config servers c-0..2, one shard a-0..2, routers r-0 and r-1.</summary>
internal sealed class MongoShard
{
    public static readonly DatabaseTimings Timings = new();

    public MongoDatabase Database { get; } = new("demo", "catalog", Timings);

    public DateTimeOffset Now { get; private set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static MongoShard Up(string version = "7.0.14", string[]? arbiters = null, string[]? hidden = null)
    {
        MongoShard mongo = new();
        mongo.Database.Declare(new("config-server", "config", "c-2") { Members = ["c-0", "c-1", "c-2"] });
        mongo.Database.Declare(new("shard", "a", "a-1") { Members = ["a-0", "a-1", "a-2"], Arbiters = arbiters ?? [], Hidden = hidden ?? [] });
        mongo.Database.Declare(new("mongos", "mongos", "r-0") { Members = ["r-0", "r-1"] });
        foreach (var pod in (string[])["c-0", "c-1", "c-2", "a-0", "a-1", "a-2", "r-0", "r-1"])
            Assert.Null(mongo.Start(pod, version));
        mongo.Pass(TimeSpan.FromSeconds(10));
        return mongo;
    }

    public string? Start(string pod, string version) =>
        Database.Start(new(pod, pod[0] switch { 'c' => "config", 'a' => "a", _ => "mongos" }, "10.0.0.1", version, pod[0] switch { 'c' => "config-server", 'a' => "shard", _ => "mongos" }, 27017), Now);

    public void Restart(string pod, string version)
    {
        Database.Stop(pod, clean: true, Now);
        Pass(TimeSpan.FromSeconds(1));
        Assert.Null(Start(pod, version));
        Pass(TimeSpan.FromSeconds(5));
    }

    public void Pass(TimeSpan time)
    {
        Now += time;
        Database.Advance(Now);
    }

    /// <summary>Begins a command; it may wait for the clock.</summary>
    public Running Begin(string pod, string script) => new(this, Database.RunAsync(pod, ["mongosh", "--quiet", "--norc", "--eval", script], Now).Result!);

    public CommandResult Run(string pod, string script, params string[] options)
    {
        var result = Database.RunAsync(pod, ["mongosh", "--quiet", "--norc", .. options, "--eval", script], Now).Result!;
        Assert.Null(result.Rest);
        return result;
    }

    public JsonNode Json(string pod, string expression)
    {
        var result = Run(pod, $"print(EJSON.stringify({expression}))");
        Assert.Equal("", result.Stderr);
        return JsonNode.Parse(result.Stdout)!;
    }

    public string Roles(string shard) => string.Join(' ', Enumerable.Range(0, 3).Select(i => Database.RoleOf($"{shard}-{i}") ?? "-"));

    internal sealed class Running(MongoShard mongo, CommandResult present)
    {
        public CommandResult Present { get; private set; } = present;

        public bool Waits => Present.Rest is not null;

        public bool StillWaitsAfter(TimeSpan time)
        {
            mongo.Pass(time);
            return Present.Rest is { Wait.IsCompleted: false };
        }

        /// <summary>Its end, which must come within the time.</summary>
        public async Task<CommandResult> AfterAsync(TimeSpan time)
        {
            mongo.Pass(time);
            while (Present.Rest is { } rest)
            {
                await rest.Wait;
                Present = rest.Resume(mongo.Now);
            }
            return Present;
        }
    }
}
