using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 34. A least gap between two members of a shard, two shards, two failure zones; none unless profile or plan (<c>safety.cooldown</c>) asks for one.</summary>
public static class Cooldown
{
    public const string Name = "Cooldown";

    public static Verdict Check(ShardContext s, Instance candidate)
    {
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(candidate);
        var gap = Gaps(s);
        if (gap == (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero) || s.Ledger.LastReplaced is not { } last)
            return Verdict.Allow;
        if (gap.Member > TimeSpan.Zero && s.Ledger.LastInShard.TryGetValue(s.Key, out var here) && s.Now < here.At + gap.Member)
            return Wait($"{candidate.Name} rests until {ShardContext.Duration(gap.Member)} have passed since {here.Instance} in the same shard", here, here.At + gap.Member);
        var first = !s.Ledger.LastInShard.ContainsKey(s.Key);
        if (gap.Shard > TimeSpan.Zero && first && s.Ledger.LastShardDoneAt is { } done && s.Now < done + gap.Shard)
            return Wait($"{s.Name} starts {ShardContext.Duration(gap.Shard)} after the shard before it was done", last with { At = done }, done + gap.Shard);
        if (gap.Zone > TimeSpan.Zero && candidate.Zone is { } zone && last.Zone is { } other && zone != other && s.Now < last.At + gap.Zone)
            return Wait($"{candidate.Name} is in zone {zone}; {ShardContext.Duration(gap.Zone)} must pass since {last.Instance} in zone {other}", last, last.At + gap.Zone);
        return Verdict.Allow;
    }

    public static Evidence? Seen(ShardContext s)
    {
        ArgumentNullException.ThrowIfNull(s);
        var gap = Gaps(s);
        if (gap == (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero))
            return null;
        return new Evidence("last member replaced", s.Ledger.LastReplaced is { } last ? $"{last.Instance}, {ShardContext.Duration(s.Now - last.At)} ago" : "none yet", "journal", s.Ledger.LastReplaced?.At ?? s.Now) { Rule = Name };
    }

    private static (TimeSpan Member, TimeSpan Shard, TimeSpan Zone) Gaps(ShardContext s)
    {
        var (plan, profile) = (s.State.Plan.Spec.Safety.Cooldown, s.Profile.Cooldown);
        return (plan.Member ?? profile.Member ?? TimeSpan.Zero, plan.Shard ?? profile.Shard ?? TimeSpan.Zero, plan.Zone ?? profile.Zone ?? TimeSpan.Zero);
    }

    private static Verdict Wait(string text, Replaced last, DateTimeOffset until) => Verdict.Wait(new Reason($"{text}.", Name)
    {
        Evidence = [new Evidence("last member replaced", last.Instance, "journal", last.At)], Next = $"Goes on by itself at {until:HH:mm:ss} UTC.",
    }, until);
}
