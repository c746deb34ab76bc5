using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 13. Every Ready member that can be asked calls the whole healthy (Redis Cluster: state ok, all slots served).</summary>
public static class PeerViewConverged
{
    public const string Name = "PeerViewConverged";

    /// <param name="joined">A member that has come back: what its peers said before that is no word about it.</param>
    public static Verdict Check(ShardContext s, Instance? joined = null)
    {
        if (s.Profile.Probe is null || s.Profile.Probe.Healthy.IsEmpty)
            return Verdict.Allow;
        if (joined?.ReadySince is { } since && s.Members.Where(m => m.Ready && !s.UsesLabel(m) && !(ShardContext.Answer(m)?.At >= since)).Select(m => m.Name).ToList() is { Count: > 0 } before)
            return Verdict.Ask(new Reason($"Asking {string.Join(", ", before)} whether {(before.Count == 1 ? "it sees" : "they see")} {joined.Name} back.", Name) { Next = "Goes on with the answer." }, before, Verdict.Soon);
        foreach (var m in s.Members)
        {
            if (!m.Ready || ShardContext.Answer(m) is not { Healthy: false } answer)
                continue;
            var bad = s.Profile.Probe.Healthy.FirstOrDefault(h => answer.Values.GetValueOrDefault(h.Key) != h.Value);
            return Verdict.Ask(new Reason($"{m.Name} does not call the database healthy: {bad.Key} is {answer.Values.GetValueOrDefault(bad.Key, "missing")}, must be {bad.Value}.", Name)
            {
                Evidence = [new Evidence(bad.Key, answer.Values.GetValueOrDefault(bad.Key, "missing"), answer.Source, answer.At)], Next = "Asked again by itself.",
            }, [m.Name], Verdict.Soon);
        }
        return Verdict.Allow;
    }
}
