using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 8. Shards with any disruption stay within max(1, min(K, floor(p % of S))); a shard that is broken without our doing counts.</summary>
public static class MaxShardsInFlight
{
    public const string Name = "MaxShardsInFlight";

    public static int Limit(int shardsAtOnce, int percent, int shards) => Math.Max(1, Math.Min(shardsAtOnce, shards * percent / 100));

    public static Reason Full(string shard, IReadOnlyCollection<string> inFlight, int limit) =>
        new($"{shard} waits for its turn: {string.Join(", ", inFlight.Take(3))} {(inFlight.Count == 1 ? "is" : "are")} in flight, the limit is {limit}.", Name) { Next = "Starts by itself." };

    public static Reason Disrupted(string shard, IReadOnlyCollection<string> broken) =>
        new($"{shard} is not started while {string.Join(", ", broken.Take(3))} {(broken.Count == 1 ? "has a member" : "have members")} down.", Name) { Next = "Starts by itself when all members are Ready." };
}
