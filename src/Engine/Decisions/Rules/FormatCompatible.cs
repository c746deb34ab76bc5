using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>The wanted version must read the files that the present one wrote. An upgrade always may; a downgrade only as far as the profile says.</summary>
public static class FormatCompatible
{
    public const string Name = "FormatCompatible";

    /// <summary>The planner's side: a plan that asks for an older version.</summary>
    public static Finding? Check(PlannedComponent component, EngineProfile profile, string path)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(profile);
        var (from, to) = (component.From.Version, component.To.Version);
        switch (VersionRules.IsDowngrade(from, to))
        {
            case false:
                return null;
            case null when profile.Versions.ReadableDown == "any" || from == to:
                return null;
            case null:
                return new Finding(Severity.Warning, Name, $"{component.Name}: {from} and {to} cannot be compared as versions, so nobody knows whether {to} reads the files of {from}.", path);
            default:
                return profile.Versions.Readable(from, to) ? null : new Finding(Severity.Error, Name,
                    $"{component.Name}: {to} is older than {from} and does not read its files ({Reach(profile.Versions.ReadableDown)}). {profile.Rollback.Alternative}{VersionStep.Source(profile.Versions)}", path);
        }
    }

    /// <summary>Approvers shall know before the first switchover that there is no way back behind it.</summary>
    public static Finding? AfterSwitchover(PlannedComponent component, EngineProfile profile, string path)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(profile);
        var (from, to) = (component.From.Version, component.To.Version);
        if (!profile.HasLeader || from == to || profile.MayGoBack(to, from))
            return null;
        var why = profile.Rollback.AfterSwitchover == "no" ? "the profile rules it out" : $"{from} does not read files that {to} wrote ({Reach(profile.Versions.ReadableDown)})";
        return new Finding(Severity.Warning, Name, $"{component.Name}: up to a shard's switchover its rollback is cheap; past it there is none, because {why}. {profile.Rollback.Alternative}{VersionStep.Source(profile.Versions)}", path);
    }

    /// <summary>As it is said in findings and refusals.</summary>
    public static string Reach(string readableDown) => readableDown switch
    {
        "major" => "files are readable within one major version",
        "minor" => "files are readable within one minor version",
        "none" => "no older version reads them",
        _ => "every version reads them",
    };
}
