using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 10. No member stops while a copy set it is part of (a partition, a range) would fall below its minimum without it (Kafka: in-sync replicas no more than min.insync.replicas), by the member's
/// own answer of this moment. Sets that can never have a copy to spare block nothing; the plan names them.
/// </summary>
public static class DataCopyHeadroom
{
    public const string Name = "DataCopyHeadroom";

    public static Verdict Check(ShardContext s, Instance candidate)
    {
        if (s.Profile.Probe is not { Copies: { } key } probe || ShardContext.Unavailable(candidate))
            return Verdict.Allow; // nobody counts copies here; or it holds none of them up any more
        if (ShardContext.Answer(candidate) is not { } answer || s.AnswerAge(candidate) > probe.MaxAge)
            return Verdict.Ask(new Reason($"Asking {candidate.Name} which copies would be too few without it.", Name) { Next = "Goes on with the answer." }, [candidate.Name], probe.MaxAge);
        if (!answer.Values.TryGetValue(key, out var blocked))
            return Verdict.Ask(new Reason($"{candidate.Name} does not say which copies would be too few without it.", Name) { Next = "Asked again by itself." }, [candidate.Name], Verdict.Soon);
        if (None(blocked))
            return Verdict.Allow;
        return Verdict.Ask(new Reason($"Without {candidate.Name} there would be too few copies in sync of {blocked}.", Name)
        {
            Evidence = [new Evidence($"{key} of {candidate.Name}", blocked, answer.Source, answer.At)], Next = "Goes on by itself when the others have caught up.",
        }, [candidate.Name], Verdict.Soon);
    }

    /// <summary>The planner's side: what can never be kept above its minimum is unavailable for writes while a member is replaced.</summary>
    public static Finding? Exempt(PlannedComponent component, Component live, EngineProfile profile, string path)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(profile);
        if (profile.Probe?.CopiesExempt is not { } key)
            return null;
        foreach (var member in live.Shards.SelectMany(s => s.Instances))
            if (ShardContext.Answer(member) is { } answer && answer.Values.TryGetValue(key, out var sets) && !None(sets))
                return new Finding(Severity.Warning, Name, $"{component.Name}: {sets} on {member.Name} has no copy to spare even when all are in sync, so it takes no writes while that member is replaced. More replicas would change that.", path);
        return null;
    }

    private static bool None(string sets) => sets is "" or "0";
}
