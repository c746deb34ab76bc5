using System.Collections.Immutable;
using System.Security.Cryptography;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>
/// What an approval is bound to: SHA-256 of the canonical JSON of the normalised specification, the profile's text and the baseline (names of components, shards, workloads and instances, versions from and to).
/// Never a uid, node, role or progress: a rescheduled member or a failover changes nothing that anybody approved.
/// </summary>
public static class PlanHash
{
    /// <summary>64 lower-case hexadecimal digits.</summary>
    public static string Of(PlanSpec spec, string profileText, IEnumerable<PlannedComponent> components, Direction direction = Direction.Forward) =>
        Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(new { Direction = direction.ToString(), Spec = spec, Profile = profileText, Baseline = Baseline(components) })));

    public static string Of(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Of(plan.Spec, plan.Profile.Text, plan.Components, plan.Direction);
    }

    /// <summary>In sentences, what makes two plans' hashes differ; empty when they are the same. For the 409 and for the person who must approve again.</summary>
    public static ImmutableArray<string> Changed(Plan old, Plan now)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(now);
        var changed = ImmutableArray.CreateBuilder<string>();
        if (old.Direction != now.Direction)
            changed.Add("The direction changed.");
        if (!CanonicalJson.Of(old.Spec).AsSpan().SequenceEqual(CanonicalJson.Of(now.Spec)))
            changed.Add("The specification was edited.");
        if (old.Profile.Text != now.Profile.Text)
            changed.Add($"The engine profile {now.Profile.Name} was edited.");
        foreach (var name in old.Components.Select(c => c.Name).Union(now.Components.Select(c => c.Name)))
            Compare(old.Components.FirstOrDefault(c => c.Name == name), now.Components.FirstOrDefault(c => c.Name == name), name, changed);
        return changed.ToImmutable();
    }

    private static void Compare(PlannedComponent? old, PlannedComponent? now, string name, ImmutableArray<string>.Builder changed)
    {
        if (old is null || now is null)
        {
            changed.Add($"Component {name} {(old is null ? "was added" : "is no longer part of it")}.");
            return;
        }
        if (old.From != now.From || !old.Targets.Select(t => t.From).SequenceEqual(now.Targets.Select(t => t.From)))
            changed.Add($"Component {name} now starts from {now.From} (was {old.From}).");
        if (old.To != now.To || !old.Targets.Select(t => t.To).SequenceEqual(now.Targets.Select(t => t.To)))
            changed.Add($"Component {name} now goes to {now.To} (was {old.To}).");
        Names(old.Shards.Select(s => s.Name), now.Shards.Select(s => s.Name), $"Component {name}: shard", changed);
        foreach (var shard in now.Shards)
            if (old.Shards.FirstOrDefault(s => s.Name == shard.Name) is { } was)
                Names(was.Instances, shard.Instances, $"Shard {shard.Name}: member", changed);
    }

    private static void Names(IEnumerable<string> old, IEnumerable<string> now, string what, ImmutableArray<string>.Builder changed)
    {
        var (before, after) = (old.ToList(), now.ToList());
        foreach (var name in after.Except(before, StringComparer.Ordinal))
            changed.Add($"{what} {name} is new.");
        foreach (var name in before.Except(after, StringComparer.Ordinal))
            changed.Add($"{what} {name} is gone.");
    }

    private static object Baseline(IEnumerable<PlannedComponent> components) => components.Select(c => new
    {
        c.Name,
        From = Version(c.From),
        To = Version(c.To),
        Targets = c.Targets.OrderBy(t => t.Workload, StringComparer.Ordinal).Select(t => new { t.Workload, From = Version(t.From), To = Version(t.To) }),
        Shards = c.Shards.OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => new { s.Name, Instances = s.Instances.Order(StringComparer.Ordinal) }),
    });

    private static object Version(VersionRef version) => new { version.Version, version.ComponentDef, version.Images };
}
