using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>A shard that cannot lose a member without an outage is only touched when the plan's author says so.</summary>
public static class SingletonAcknowledged
{
    public const string Name = "SingletonAcknowledged";

    /// <summary>One member: nobody takes over. Two voters of a quorum: one gone is no majority.</summary>
    public static Finding? Check(PlannedComponent component, EngineProfile profile, PlanSpec spec)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(spec);
        var least = profile.Quorum ? 3 : 2;
        var small = component.Shards.Where(s => s.Instances.Length < least).ToList();
        if (small.Count == 0)
            return null;
        var names = RuleText.Names([.. small.Select(s => s.Name)], "shard", "shards");
        var many = small.Count > 1;
        var why = small.All(s => s.Instances.Length <= 1)
            ? $"{(many ? "have one member each" : "has one member")}, so replacing it is an outage until the new one is ready"
            : $"{(many ? "have" : "has")} too few voters to keep a majority while one is replaced";
        return spec.Acknowledge.Contains(Acknowledgements.Singleton)
            ? new Finding(Severity.Warning, Name, $"{component.Name}: {names} {why}. The plan acknowledges that.", "/spec/acknowledge")
            : new Finding(Severity.Error, Name, $"{component.Name}: {names} {why}. Write 'acknowledge: [{Acknowledgements.Singleton}]' to take that on.", "/spec/acknowledge");
    }
}
