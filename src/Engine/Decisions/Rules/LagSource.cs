using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>The planner's side of ReplicationCaughtUp: where nobody measures lag, the plan says so instead of pretending.</summary>
public static class LagSource
{
    public const string Name = "ReplicationCaughtUp";

    public static Finding? Check(PlannedComponent component, Component live, EngineProfile profile, string path)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(profile);
        if (component.Shards.All(s => s.Instances.Length < 2))
            return null;
        if (!profile.HasRoles)
            return new Finding(Severity.Info, Name, $"{component.Name}: the profile {profile.Name} has no roles, so nobody measures replication; a member counts as done when it is Ready.", path);
        if (!profile.Lag.Measured || profile.Probe is null)
            return new Finding(Severity.Warning, Name, $"{component.Name}: the profile {profile.Name} has no lag source; a member counts as caught up when it is Ready and its role is known.", path);
        var cannot = live.Shards.SelectMany(s => s.Instances).FirstOrDefault(i => i.Probe is { CannotRun: true });
        return cannot is null ? null : new Finding(Severity.Warning, Name,
            $"{component.Name}: the probe cannot run in {cannot.Name} ({cannot.Probe!.Error}). Roles then come from Pod labels, unconfirmed, and nobody measures lag.", path);
    }

    /// <summary>A limit in a unit that this engine does not have would never be checked.</summary>
    /// <param name="profiles">Of the components that the plan changes; a limit must mean something for one of them.</param>
    public static Finding? Unit(SafetySpec safety, IReadOnlyCollection<EngineProfile> profiles)
    {
        ArgumentNullException.ThrowIfNull(safety);
        ArgumentNullException.ThrowIfNull(profiles);
        var (bytes, seconds) = (profiles.Any(p => p.Lag.MaxBytes is not null), profiles.Any(p => p.Lag.MaxSeconds is not null));
        if (safety.LagMaxBytes is not null && !bytes)
            return Wrong("maxBytes", seconds ? "measures lag in seconds; give maxSeconds" : "does not measure lag");
        if (safety.LagMaxSeconds is not null && !seconds)
            return Wrong("maxSeconds", bytes ? "measures lag in bytes; give maxBytes" : "does not measure lag");
        return null;

        Finding Wrong(string key, string why) => new(Severity.Error, Name, $"The profile {profiles.First().Name} {why}. A limit in another unit would never be checked.", $"/spec/safety/lag/{key}");
    }
}
