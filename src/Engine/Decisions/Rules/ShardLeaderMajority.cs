using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 9, as design.md section 2 corrects it. Where leaders of shards authorise each other's failover (Redis Cluster), at most max(1, floor((S-1)/2)) shards may be without a settled leader.
/// </summary>
public static class ShardLeaderMajority
{
    public const string Name = "ShardLeaderMajority";

    public static int Limit(int shards) => Math.Max(1, (shards - 1) / 2);

    /// <param name="moving">Shards, this one not counted, whose leader is absent or moving.</param>
    public static Verdict Check(ShardContext s, IReadOnlyCollection<string> moving, int shards)
    {
        if (!s.Profile.LeaderMajority || moving.Count + 1 <= Limit(shards))
            return Verdict.Allow;
        return Verdict.Wait(new Reason($"{string.Join(", ", moving.Take(3))} {(moving.Count == 1 ? "has" : "have")} no settled leader; of {shards} shard leaders only {Limit(shards)} may move at once.", Name) { Next = "Goes on by itself when the leaders are settled." });
    }
}
