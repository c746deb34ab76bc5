using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 27. What was taken is given back, but a hold only when every member is Ready on the one version that the specification asks for: otherwise giving it back would restart Pods.</summary>
public static class ObligationsRestored
{
    public const string Name = "ObligationsRestored";

    internal static Verdict Check(DecisionState state, PlannedComponent c, PlanIndex index)
    {
        foreach (var s in index.Shards(state, c.Name))
        {
            foreach (var m in s.Members)
            {
                if (!m.Ready)
                    return Verdict.Wait(new Reason($"{m.Name} is not Ready, so {c.Name} stays held.", Name) { Evidence = [s.ReadyEvidence(m)], Next = "Released by itself when all members are Ready." });
                if (!OfOnePiece(s, m))
                    return Verdict.Wait(new Reason($"{m.Name} runs {m.Version} and its specification asks for another version; releasing {c.Name} would restart it.", Name) { Next = "Finish, roll back, or release anyway." });
            }
        }
        return Verdict.Allow;
    }

    /// <summary>The member runs what its own workload asks for.</summary>
    public static bool OfOnePiece(ShardContext s, Instance m)
    {
        var w = s.Workloads.FirstOrDefault(w => m.Workload.Length == 0 || w.Name == m.Workload) ?? s.Workloads.FirstOrDefault();
        return w is not null && m.Updated && ((ShardContext.AsksFor(w, s.Component.To) && ShardContext.RunsVersion(m, s.Component.To)) || (ShardContext.AsksFor(w, s.Component.From) && ShardContext.RunsVersion(m, s.Component.From)));
    }
}
