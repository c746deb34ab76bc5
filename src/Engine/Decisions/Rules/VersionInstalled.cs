using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Where nobody lists the versions there are, a wrong tag shows only when the first member does not start.</summary>
public static class VersionInstalled
{
    public const string Name = "VersionInstalled";

    public static Finding? Check(PlannedComponent component, Component live, string path)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(live);
        return !live.AvailableVersions.IsEmpty ? null : new Finding(Severity.Warning, Name,
            $"{component.Name}: nobody lists the versions there are, so {component.To} was not checked. A tag that does not exist halts the run at its first member. The annotation rollcall.dev/available-versions would list them.", path);
    }
}
