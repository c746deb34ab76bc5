using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 13. Every Ready member that can be asked calls the whole healthy (Redis Cluster: state ok, all slots served).</summary>
public static class PeerViewConverged
{
    public const string Name = "PeerViewConverged";

    public static Verdict Check(ShardContext s)
    {
        if (s.Profile.Probe is null || s.Profile.Probe.Healthy.IsEmpty)
            return Verdict.Allow;
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
