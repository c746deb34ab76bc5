using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Where one template serves all shards, writing the new version exposes them all at once: whoever is lost meanwhile returns on it.</summary>
public static class SharedTemplateExposure
{
    public const string Name = "SharedTemplateExposure";

    public static Finding? Check(PlannedComponent component, Workload workload, string path)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(workload);
        return workload.Shards.Length < 2 ? null : new Finding(Severity.Warning, Name,
            $"One template serves all {workload.Shards.Length} shards of {workload.Name}. From the moment it says {component.To}, a member of any shard that is lost by itself returns on {component.To}, also in shards whose stage has not come.", path);
    }
}
