using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Only hops that the database's makers allow, compared number by number; and no more than two versions alive at once.</summary>
public static class VersionStep
{
    public const string Name = "VersionStep";

    public static Finding? Check(PlannedComponent component, VersionSpec rules, string path)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(rules);
        var (from, to) = (component.From.Version, component.To.Version);
        if (rules is { MaxMajorStep: null, MaxMinorStep: null } || from == to)
            return null;
        if (EngineVersion.Parse(from) is not { } old || EngineVersion.Parse(to) is not { } wanted)
            return new Finding(Severity.Warning, Name, $"{component.Name}: {from} and {to} cannot be compared as versions, so nobody checked whether this hop is allowed.", path);
        if (wanted.Major == old.Major && rules.MaxMinorStep is { } minors && Math.Abs(wanted.Minor - old.Minor) is var hop && hop > minors)
            return new Finding(Severity.Error, Name, $"{component.Name}: from {from} to {to} is a hop over {hop} minor versions; a rolling change goes {(minors == 0 ? $"only within {old.Major}.{old.Minor}" : $"at most {minors} minor {(minors == 1 ? "version" : "versions")} at a time")}.{Source(rules)}", path);
        var step = Math.Abs(wanted.Major - old.Major);
        if (rules.MaxMajorStep is not { } most || step <= most)
            return null;
        var allowed = most == 0 ? $"only within major version {old.Major}" : $"at most {most} major {(most == 1 ? "version" : "versions")} at a time";
        return new Finding(Severity.Error, Name, $"{component.Name}: from {from} to {to} is a hop over {step} major {(step == 1 ? "version" : "versions")}; a rolling change goes {allowed}.{Source(rules)}", path);
    }

    /// <summary>Members that run neither the old nor the new version: left over from a change somebody did not finish.</summary>
    public static Finding? Mixed(PlannedComponent component, Component live, string path)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(live);
        var third = live.Versions.Where(v => v != component.From.Version && v != component.To.Version).ToList();
        return third.Count == 0 ? null : new Finding(Severity.Warning, Name,
            $"{component.Name}: some members run {string.Join(" and ", third)}, neither {component.From} nor {component.To}. The plan brings them to {component.To} too; check that this hop is allowed.", path);
    }

    internal static string Source(VersionSpec rules) => rules.Source.Length > 0 ? $" Source: {rules.Source}." : "";
}
