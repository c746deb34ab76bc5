using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 32. With unhealthy members in two failure zones or more nothing is touched. Where members in different zones share data (the profile says so, or the plan by <c>safety.zoneExclusive</c>) Rollcall's
/// own disruptions stay in one zone at a time too. Members whose zone nobody knows count for none.
/// </summary>
public static class ZoneExclusive
{
    public const string Name = "ZoneExclusive";

    /// <summary>A member that is unavailable, or about to be.</summary>
    /// <param name="Ours">This run took it away.</param>
    public readonly record struct Down(string Instance, string? Zone, bool Ours);

    public static bool Own(DecisionState state, EngineProfile profile)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(profile);
        return state.Plan.Spec.Safety.ZoneExclusive ?? profile.ZoneExclusive;
    }

    /// <param name="down">Unavailable members of the whole cluster, and those whose replacement has been asked for.</param>
    public static Verdict Check(ShardContext s, Instance candidate, IReadOnlyCollection<Down> down)
    {
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(down);
        var broken = down.Where(d => !d.Ours && d.Zone is not null && d.Instance != candidate.Name).ToList();
        var zones = broken.Select(d => d.Zone!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (zones.Count >= 2)
            return Verdict.Wait(new Reason($"Members are down in {zones.Count} zones ({string.Join(", ", broken.Take(3).Select(d => $"{d.Instance} in {d.Zone}"))}); nothing more is taken away.", Name)
            {
                Evidence = [.. broken.Take(8).Select(d => new Evidence($"zone of {d.Instance}", d.Zone!, "API server", s.State.Topology!.ObservedAt))], Next = "Goes on by itself when they are Ready in all zones but one.",
            });
        if (!Own(s.State, s.Profile) || candidate.Zone is not { } here)
            return Verdict.Allow;
        var elsewhere = down.Where(d => d.Zone is { } zone && zone != here && d.Instance != candidate.Name).ToList();
        return elsewhere.Count == 0 ? Verdict.Allow : Verdict.Wait(new Reason($"{candidate.Name} in zone {here} waits: {elsewhere[0].Instance} in zone {elsewhere[0].Zone} is down, and one zone at a time may be.", Name)
        {
            Evidence = [.. elsewhere.Take(8).Select(d => new Evidence($"zone of {d.Instance}", d.Zone!, "API server", s.State.Topology!.ObservedAt))], Next = "Goes on by itself when it is Ready.",
        });
    }

    public static Evidence? Seen(ShardContext s, Instance candidate, IReadOnlyCollection<Down> down)
    {
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(candidate);
        if (candidate.Zone is null)
            return null;
        var zones = down.Where(d => d.Zone is not null && d.Instance != candidate.Name).Select(d => d.Zone!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return new Evidence($"zone of {candidate.Name}", $"{candidate.Zone}; {(zones.Count == 0 ? "no other member is down" : $"others are down in {string.Join(", ", zones)}")}", "API server", s.State.Topology!.ObservedAt) { Rule = Name };
    }
}
