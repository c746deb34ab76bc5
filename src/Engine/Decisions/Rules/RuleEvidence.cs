using System.Collections.Immutable;
using System.Globalization;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// What the rules saw when they allowed an act: rule, value, source, time. Written into the intent, before the act. It is worked out only for an act that is offered, so that the many questions that end in
/// "not yet" cost nothing.
/// </summary>
internal static class RuleEvidence
{
    /// <summary>For a member that goes because it does not run anyway.</summary>
    public static ImmutableArray<Evidence> Ejection(ShardContext s, Instance m) =>
    [
        s.ReadyEvidence(m) with { Rule = s.Backwards ? UnhealthyOutdatedFirst.Eject : UnhealthyOutdatedFirst.Name },
        .. Quiet(s),
        Outdated(s, m),
        DeleteWithPreconditions.Seen(s, m),
    ];

    /// <summary>For a member that is taken away from its shard.</summary>
    public static ImmutableArray<Evidence> Replacement(ShardContext s, Instance m, ShardTurn turn, IReadOnlyCollection<ZoneExclusive.Down> down)
    {
        var seen = ImmutableArray.CreateBuilder<Evidence>(16);
        seen.AddRange(Quiet(s));
        seen.Add(Outdated(s, m));
        if (s.Profile.HasLeader)
            seen.Add(Leading(s) with { Rule = UnknownIsUnsafe.Name });
        seen.AddRange(InSync(s));
        if (s.Profile.HasRoles)
            seen.Add(s.RoleEvidence(m) with { Rule = NonLeadersFirst.Name });
        seen.Add(new Evidence("shards in flight", $"{turn.Others} besides {s.Name}, {turn.Limit} at once", "journal", s.Now) { Rule = MaxShardsInFlight.Name });
        seen.Add(Disrupted(s, m));
        seen.AddRange(Healthy(s));
        if (s.Profile.Quorum && s.Members.Length >= 3)
            seen.Add(Voters(s, m));
        if (s.Shard.Budget is { } budget)
            seen.Add(new Evidence($"{budget.Name} disruptionsAllowed", budget.DisruptionsAllowed.ToString(CultureInfo.InvariantCulture), "API server", s.State.Topology!.ObservedAt) { Rule = PdbRespected.Name });
        if (ZoneExclusive.Seen(s, m, down) is { } zone)
            seen.Add(zone);
        if (Cooldown.Seen(s) is { } gap)
            seen.Add(gap);
        seen.AddRange(Roles(s));
        seen.Add(s.ReadyEvidence(m) with { Rule = DeleteWithPreconditions.Name });
        seen.Add(DeleteWithPreconditions.Seen(s, m));
        return seen.ToImmutable();
    }

    /// <summary>For a leadership that is handed over.</summary>
    public static ImmutableArray<Evidence> Handover(ShardContext s, Instance leader, Instance target, ImmutableArray<string> moving, int shards)
    {
        var seen = ImmutableArray.CreateBuilder<Evidence>(12);
        seen.AddRange(Quiet(s));
        seen.Add(Leading(s) with { Rule = UnknownIsUnsafe.Name });
        seen.AddRange(InSync(s));
        seen.Add(new Evidence($"planned switchovers of {s.Name}", s.Ledger.Step(StepIds.Switchover(s.Component.Name, s.Baseline.Name)) is { Done: true } ? "one, another allowed by a person" : "none before this one", "journal", s.Now) { Rule = SingleHandover.Name });
        seen.Add(NoForcedHandover.Seen(s));
        if (HandoverWindow.Seen(s.State) is { } window)
            seen.Add(window);
        seen.Add(Disrupted(s, leader));
        seen.AddRange(Healthy(s));
        if (s.Profile.LeaderMajority)
            seen.Add(new Evidence("shards whose leader moves", $"{moving.Length} besides {s.Name}; {ShardLeaderMajority.Limit(shards)} of {shards} at once", "topology", s.Now) { Rule = ShardLeaderMajority.Name });
        seen.AddRange(Roles(s));
        seen.Add(s.ReadyEvidence(target) with { Rule = HandoverTargetEligible.Name });
        seen.Add(new Evidence($"{target.Name} runs", target.Version, "API server", s.State.Topology!.ObservedAt) { Rule = HandoverTargetEligible.Name });
        seen.Add(Lag(target, s.Now) with { Rule = HandoverTargetEligible.Name });
        return seen.ToImmutable();
    }

    /// <summary>For the member of a shard that nobody takes over from.</summary>
    public static ImmutableArray<Evidence> Singleton(ShardContext s) =>
        s.Members.Length > 1 ? [] : [.. HandoverWindow.Seen(s.State) is { } window ? [window] : ImmutableArray<Evidence>.Empty, new Evidence($"members of {s.Name}", "1; the outage is acknowledged in the plan", "plan", s.State.Plan.CreatedAt) { Rule = SingletonAcknowledged.Name }];

    public static Evidence Lag(Instance m, DateTimeOffset now) =>
        new($"lag of {m.Name}", ReplicationCaughtUp.Describe(m), m.LagSource.Length > 0 ? m.LagSource : "nobody measures it", m.LagSource.Length > 0 && m.Probe is { } probe ? probe.At : now);

    private static Evidence Leading(ShardContext s) => s.Leader is { } leader
        ? s.RoleEvidence(leader) with { What = $"leader of {s.Name}", Value = leader.Name }
        : new Evidence($"leader of {s.Name}", "none, no member is up", "API server", s.State.Topology!.ObservedAt);

    /// <summary>Nobody else is at work on the cluster.</summary>
    private static IEnumerable<Evidence> Quiet(ShardContext s)
    {
        yield return new Evidence("operations of others", "none", "API server", s.State.Topology!.ObservedAt) { Rule = NoConcurrentOps.Name };
        if (ChangeFreeze.Seen(s.State) is { } calendar)
            yield return calendar;
    }

    private static Evidence Outdated(ShardContext s, Instance m) =>
        new($"{m.Name} runs", $"{m.Version}; {s.Component.To} is wanted", "API server", s.State.Topology!.ObservedAt) { Rule = PodRevisionIsTruth.Name };

    private static Evidence Disrupted(ShardContext s, Instance m) =>
        new($"other members of {s.Name} that are down", $"{s.Members.Count(x => x.Name != m.Name && ShardContext.Unavailable(x))}; fewer than {s.Profile.MembersAtOnce} allowed", "API server", s.State.Topology!.ObservedAt) { Rule = OneDisruptionPerShard.Name };

    /// <summary>What was updated before is in sync; the journal says since when.</summary>
    private static IEnumerable<Evidence> InSync(ShardContext s)
    {
        if (!s.Profile.HasRoles)
            yield break;
        foreach (var m in s.Members)
            if (s.Ledger.Step(StepIds.Sync(s.Component.Name, s.Baseline.Name, m.Name)) is { Done: true, EndedAt: { } at })
                yield return new Evidence($"{m.Name} after its update", "in sync", "journal", at) { Rule = ReplicationCaughtUp.Name };
    }

    public static IEnumerable<Evidence> Healthy(ShardContext s)
    {
        if (s.Profile.Probe is not { Healthy.IsEmpty: false })
            yield break;
        foreach (var m in s.Members)
            if (m.Ready && ShardContext.Answer(m) is { Healthy: true } answer)
                yield return new Evidence($"{m.Name} calls the database", "healthy", answer.Source, answer.At) { Rule = PeerViewConverged.Name };
    }

    private static Evidence Voters(ShardContext s, Instance m)
    {
        var voters = s.Members.Count(x => !x.Ready || s.Votes(x));
        var stay = s.Members.Count(x => x.Name != m.Name && !ShardContext.Unavailable(x) && s.Votes(x));
        return new Evidence($"voters of {s.Name} that stay", $"{stay} of {voters}; {(voters / 2) + 1} needed", "probe", s.Now) { Rule = QuorumPreserved.Name };
    }

    private static IEnumerable<Evidence> Roles(ShardContext s)
    {
        if (!s.Profile.HasRoles)
            yield break;
        foreach (var m in s.Members)
            if (m.Ready)
                yield return s.RoleEvidence(m) with { Rule = FreshRoleBeforeAct.Name };
    }
}
