using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 35. A parameter that followers check against their leader shrinks on the leader first and grows on the followers first, which is not the order of a new version. So parameters are no part of a change
/// here: a plan that names some is refused, and a KubeBlocks definition that may bring its own defaults along is said.
/// </summary>
public static class ConfigDirection
{
    public const string Name = "ConfigDirection";
    public const string Refused = "Only versions and images are rolled: a parameter that followers check against their leader needs the other order when it shrinks. Change parameters by themselves, before or after.";

    public static Finding? Check(PlannedComponent component, string path)
    {
        ArgumentNullException.ThrowIfNull(component);
        return component.Targets.FirstOrDefault(t => t.To.ComponentDef.Length > 0 && t.From.ComponentDef.Length > 0 && t.From.ComponentDef != t.To.ComponentDef) is not { } target ? null
            : new Finding(Severity.Info, Name, $"{component.Name}: {target.To.ComponentDef} takes the place of {target.From.ComponentDef} and may bring other default parameters. Where followers check a limit against their leader (max_connections in PostgreSQL), it must not shrink with it.", path);
    }
}
