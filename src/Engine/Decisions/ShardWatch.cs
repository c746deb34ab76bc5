using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>Summaries over all shards of a component, refreshed only for shards whose snapshot object changed.</summary>
internal sealed class ShardWatch
{
    private sealed class Summary
    {
        public required string Prefix;
        public required EngineProfile Profile;
        public Shard?[] Seen = [];
        public Unseen Unseen = new();
        public HashSet<int> BrokenAt = [];
        public HashSet<int> LeaderlessAt = [];
        public HashSet<int> MixedAt = [];
    }

    private readonly Dictionary<string, Summary> _summaries = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string), (int Done, int Cursor)> _cursors = [];

    /// <summary>Takes the hint of one decision down; it is used when the summaries are asked for next.</summary>
    public void Note(IReadOnlyCollection<string>? changed)
    {
        foreach (var s in _summaries.Values)
            s.Unseen.Add(changed);
    }

    /// <summary>Position of the first shard of the stage that is not finished.</summary>
    public int FirstOpen(Ledger ledger, PlannedComponent c, PlannedStage stage)
    {
        var key = (c.Name, stage.Name);
        var cursor = _cursors.TryGetValue(key, out var had) && had.Done <= ledger.ShardsDone.Count ? had.Cursor : 0;
        while (cursor < stage.Shards.Length && Done(ledger, c, stage, stage.Shards[cursor]))
            cursor++;
        _cursors[key] = (ledger.ShardsDone.Count, cursor);
        return cursor;
    }

    public static bool Done(Ledger ledger, PlannedComponent c, PlannedStage stage, string shard) => ledger.ShardsDone.Contains($"{c.Name}/{stage.Name}/{shard}");

    /// <summary>Shards with a member that is not available.</summary>
    public IEnumerable<string> Broken(Component live, DecisionState state, PlanIndex index)
    {
        var s = Refresh(live, state, index);
        return s.BrokenAt.Order().Select(i => live.Shards[i].Name);
    }

    /// <summary>Shards without exactly one Ready leader.</summary>
    public IEnumerable<string> Moving(Component live, DecisionState state, PlanIndex index)
    {
        var s = Refresh(live, state, index);
        return s.LeaderlessAt.Order().Select(i => live.Shards[i].Name);
    }

    /// <summary>Shards some of whose members run the new version and some do not.</summary>
    public IEnumerable<string> Mixed(Component live, DecisionState state, PlanIndex index)
    {
        var s = Refresh(live, state, index);
        return s.MixedAt.Order().Select(i => live.Shards[i].Name);
    }

    private Summary Refresh(Component live, DecisionState state, PlanIndex index)
    {
        if (!_summaries.TryGetValue(live.Name, out var s) || s.Seen.Length != live.Shards.Length)
        {
            s = new Summary { Prefix = live.Name + "/", Profile = state.Plan.Profile.For(live.Name), Seen = new Shard?[live.Shards.Length] };
            _summaries[live.Name] = s;
        }
        if (s.Unseen.Take() is { } changed)
        {
            foreach (var key in changed)
                if (key.StartsWith(s.Prefix, StringComparison.Ordinal) && index.Position(live, key[s.Prefix.Length..]) is { } at)
                    Look(s, at, live.Shards[at], state);
            return s;
        }
        for (var i = 0; i < live.Shards.Length; i++)
            Look(s, i, live.Shards[i], state);
        return s;
    }

    private static void Look(Summary s, int i, Shard shard, DecisionState state)
    {
        if (ReferenceEquals(s.Seen[i], shard))
            return;
        s.Seen[i] = shard;
        var broken = false;
        foreach (var m in shard.Instances)
            broken |= ShardContext.Unavailable(m);
        Set(s.BrokenAt, i, broken);
        // The last known role (Instance.Role) is enough to see that a leader is missing; acts ask afresh.
        var leaders = 0;
        foreach (var m in shard.Instances)
            if (m.Ready && s.Profile.Role(m.Role) is { Leads: true })
                leaders++;
        Set(s.LeaderlessAt, i, s.Profile.HasLeader && leaders != 1);
        if (MaxShardsPartlyUpdated.Limit(state.Plan, s.Prefix[..^1]) is null)
            return;
        var to = state.Plan.Components.FirstOrDefault(c => s.Prefix == c.Name + "/")?.To;
        Set(s.MixedAt, i, to is not null && shard.Instances.Any(m => ShardContext.RunsVersion(m, to)) && shard.Instances.Any(m => !ShardContext.RunsVersion(m, to)));
    }

    private static void Set(HashSet<int> set, int i, bool on)
    {
        if (on)
            set.Add(i);
        else
            set.Remove(i);
    }
}
