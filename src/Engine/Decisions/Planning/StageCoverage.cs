using System.Collections.Immutable;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <param name="Stage">Its place in the list of stages, from 0.</param>
/// <param name="Roles">all, followers or leader.</param>
public sealed record ShardTake(int Stage, string Roles);

/// <summary>Where one shard is in the stages of a plan.</summary>
/// <param name="Takes">The stages that take it, in their order; empty: none does.</param>
public sealed record ShardPlace(string Component, string Shard, ImmutableArray<ShardTake> Takes)
{
    /// <summary>Some of its members are in more than one stage.</summary>
    public bool Twice => Takes.Count(t => t.Roles != "leader") > 1 || Takes.Count(t => t.Roles != "followers") > 1;

    /// <summary>No stage updates its leader.</summary>
    public bool LeaderMissing => !Takes.IsEmpty && Takes.All(t => t.Roles == "followers");

    /// <summary>Every member is in exactly one stage.</summary>
    public bool Whole => !Takes.IsEmpty && !Twice && !LeaderMissing && Takes.Any(t => t.Roles != "leader");
}

/// <summary>
/// The account of the stages, shard by shard, as <see cref="StageResolver"/> itself takes them: for screens that show it while the document is still being written and does not read as a plan yet.
/// </summary>
public static class StageCoverage
{
    /// <summary>By component as given, shards by name.</summary>
    /// <param name="stages">Null: a stage that cannot be read yet, which takes nothing.</param>
    /// <param name="components">Those that the plan changes.</param>
    public static ImmutableArray<ShardPlace> Of(IReadOnlyList<StageSpec?> stages, IReadOnlyList<Component> components, EngineProfile profile)
    {
        ArgumentNullException.ThrowIfNull(stages);
        ArgumentNullException.ThrowIfNull(components);
        ArgumentNullException.ThrowIfNull(profile);
        var readable = Enumerable.Range(0, stages.Count).Where(i => stages[i] is not null).ToArray();
        var places = ImmutableArray.CreateBuilder<ShardPlace>();
        foreach (var component in components)
        {
            // What is wrong with the stages is the preview's to say; here is only who takes what.
            var resolver = new StageResolver(component.Name, component.Shards.Select(s => s.Name), profile.For(component.Name), components.Count > 1, new PlanErrors(""));
            resolver.Resolve([.. readable.Select(i => stages[i]!)], _ => "");
            var takes = resolver.Takes.ToLookup(t => t.Shard, t => new ShardTake(readable[t.Stage], t.Roles), StringComparer.Ordinal);
            places.AddRange(resolver.All.Select(shard => new ShardPlace(component.Name, shard, [.. takes[shard]])));
        }
        return places.ToImmutable();
    }
}
