using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 38. Nothing restarts for nothing: a component whose every member runs the wanted version already is left out of the plan, a member that came back on the target counts as done.</summary>
public static class NoOpSuppression
{
    public const string Name = "NoOpSuppression";

    /// <summary>Every template asks for the wanted version, and every member runs what its template asks for.</summary>
    public static bool NothingToDo(PlannedComponent planned, Component live)
    {
        ArgumentNullException.ThrowIfNull(planned);
        ArgumentNullException.ThrowIfNull(live);
        return planned.Targets.All(t => t.From.Images.SequenceEqual(t.To.Images.IsEmpty ? t.From.Images : t.To.Images) && t.From.Version == t.To.Version && (t.To.ComponentDef.Length == 0 || t.From.ComponentDef == t.To.ComponentDef))
            && live.Shards.All(s => s.Instances.All(i => i.Updated));
    }

    /// <summary>Said in the plan, so that nobody wonders where a component went.</summary>
    public static Finding LeftOut(string component, string version) => new(Severity.Info, Name, $"{component} runs {version} already, every member of it; it is left alone.");

    /// <summary>Members that are on the target before anything is done.</summary>
    public static Finding? Check(PlannedComponent component, Component live, string path)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(live);
        if (component.From.Equals(component.To))
            return null;
        var there = live.Shards.SelectMany(s => s.Instances).Count(i => i.Uid.Length > 0 && ShardContext.RunsVersion(i, component.To));
        return there == 0 ? null : new Finding(Severity.Info, Name, $"{component.Name}: {there} {(there == 1 ? "member runs" : "members run")} {component.To} already and {(there == 1 ? "is" : "are")} not replaced.", path);
    }
}
