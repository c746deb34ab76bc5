using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>How many may be missing while a plan runs, in sentences, by the figures that rules QuorumPreserved and ShardLeaderMajority work with.</summary>
public static class QuorumArithmetic
{
    /// <returns>Nothing for components whose engine asks for no majority.</returns>
    public static ImmutableArray<string> Of(Plan plan, TopologySnapshot cluster)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(cluster);
        return [.. plan.Components.SelectMany(c => cluster.Components.Where(l => l.Name == c.Name)).SelectMany(c => Lines(plan, c))];
    }

    private static IEnumerable<string> Lines(Plan plan, Component component)
    {
        var profile = plan.Profile.For(component.Name);
        if (profile.Quorum)
            foreach (var group in component.Shards.GroupBy(s => s.Instances.Count(m => !m.Ready || profile.Role(m.Role) is { Votes: true })).OrderBy(g => g.Key))
                yield return Voters(component, group.Key, [.. group.Select(s => s.Name).Order(StringComparer.Ordinal)]);
        if (profile.LeaderMajority && component.Shards.Length > 2)
            yield return $"{component.Name}: {component.Shards.Length} shard leaders; at most {ShardLeaderMajority.Limit(component.Shards.Length)} may move at once, so that a majority stays.";
    }

    private static string Voters(Component component, int voters, string[] shards)
    {
        var where = shards.Length == component.Shards.Length ? shards.Length == 1 ? component.Name : $"each of the {shards.Length} shards of {component.Name}" : string.Join(", ", shards);
        var need = (voters / 2) + 1;
        return voters < 3
            ? $"{where}: {voters} {(voters == 1 ? "voter" : "voters")}; none may be missing, so the shard is without a majority while one is replaced."
            : $"{where}: {voters} voters, {need} must stay, {voters - need} may be missing; one at a time leaves {voters - 1} of {voters}.";
    }
}
