using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>
/// The way back (rule RollbackOrder): Decide with the old versions as target and the ledger's order reversed. Shards in flight first, last touched first; then finished
/// shards, last finished first; then earlier components. It waits for no gate.
/// </summary>
public static class RollbackPlanner
{
    public const string Rule = "RollbackOrder";

    /// <summary>The rollback's plan, previewed; or a refusal with the legal alternative.</summary>
    /// <param name="only">"component/shard": take only this shard back.</param>
    public static Result<Plan> Build(string forwardRun, Plan forward, Ledger ledger, TopologySnapshot live, Func<Plan, string> hash, string planId, string by, DateTimeOffset now, string? only = null)
    {
        ArgumentNullException.ThrowIfNull(forward);
        if (only is not null)
        {
            var narrow = ShardScope.Narrow(forward, live, only);
            if (!narrow.Ok)
                return narrow.Refusal;
            forward = narrow.Value;
        }
        var blocked = Blocked(forward, ledger, live);
        if (blocked.Count > 0)
            return new Refusal(RefusalKind.Conflict, $"{Names(blocked)} {(blocked.Count == 1 ? "was" : "were")} {Passed(forward, blocked)} already, and {blocked[0].Component.From} cannot be counted on to read what {blocked[0].Component.To} wrote. {Alternative(forward, blocked)}");

        if (FinalizeGate.Passed(ledger) && forward.Profile.Finaliser is not { Explicit: true, Lower.IsEmpty: false })
            return new Refusal(RefusalKind.Conflict, $"The point of no return is passed ({forward.Profile.Finaliser?.Title ?? "finalised"}): {forward.Components[0].From} does not read what is there now. {forward.Profile.Rollback.Alternative}");

        if (FinalizeGate.Passed(ledger) && only is not null)
            return new Refusal(RefusalKind.Conflict, $"The point of no return is passed ({forward.Profile.Finaliser?.Title}), and that is a matter of the whole cluster: one shard alone cannot go back behind it.");

        var touched = ledger.Steps.Values.Where(s => s.Kind == StepKind.Replace && s.Instance is not null).ToImmutableDictionary(s => s.Instance!, s => s.Order);
        var components = ImmutableArray.CreateBuilder<PlannedComponent>();
        foreach (var c in WayBack(forward))
        {
            var order = c.Shards
                .Select(s => (s.Name, Key: Ledger.ShardKey(c.Name, s.Name)))
                .Select(s => (s.Name, Open: ledger.ShardsTouched.ContainsKey(s.Key) && !c.Stages.Any(st => ledger.ShardsDone.Contains($"{c.Name}/{st.Name}/{s.Name}")), Last: ledger.ShardsTouched.GetValueOrDefault(s.Key, -1)))
                .OrderByDescending(s => s.Open).ThenByDescending(s => s.Last).ThenBy(s => s.Name, StringComparer.Ordinal)
                .Select(s => s.Name).ToImmutableArray();
            components.Add(c with
            {
                From = c.To, To = c.From,
                Targets = [.. c.Targets.Select(t => new WorkloadTarget(t.Workload, t.To, t.From))],
                Stages = [new PlannedStage { Name = "rollback", Shards = order, ShardsAtOnce = 1, Hooks = StageHooks.OfRollback(forward.Spec, forward.Profile) }],
            });
        }
        var spec = forward.Spec with
        {
            Name = only is null ? forward.Spec.Name + "-rollback" : $"{forward.Spec.Name}-{only[(only.IndexOf('/', StringComparison.Ordinal) + 1)..]}-rollback",
            Changes = [.. components.Select(c => new ChangeSpec { Component = c.Name, ServiceVersion = c.To.Images.IsEmpty ? c.To.Version : null, ComponentDef = c.To.ComponentDef.Length > 0 ? c.To.ComponentDef : null, Images = c.To.Images })],
            Stages = null,
            Finalise = null,
            Rollback = forward.Spec.Rollback with { Automatic = false },
        };
        var plan = forward with
        {
            Id = planId, Spec = spec, Direction = Direction.Rollback, Components = components.ToImmutable(), Findings = [], Steps = [], RollbackOf = forwardRun, TouchedOrder = touched,
            PastSwitchover = [.. ledger.Levels.Where(l => l.Value != Reversibility.L0).Select(l => l.Key)],
            PreferredLeaders = forward.Spec.Rollback.RestoreLeaders ? ledger.LeadersBefore : ImmutableDictionary<string, string>.Empty,
            Unsettled = Unsettled(forward, ledger),
            LowersFirst = FinalizeGate.Passed(ledger),
            CreatedBy = by, CreatedAt = now,
        };
        plan = plan with
        {
            Findings =
            [
                .. forward.Components.Select(c => forward.Profile.For(c.Name).Rollback.Note).Where(n => n.Length > 0).Distinct(StringComparer.Ordinal).Select(n => new Finding(Severity.Info, Rule, n)),
                .. plan.Components.Select(c => live.Components.FirstOrDefault(x => x.Name == c.Name) is { } now ? RebuildOnRevert.Check(c, now, plan.Profile.For(c.Name)) : null).OfType<Finding>(),
            ],
        };
        plan = plan with { Hash = hash(plan) };
        return Previewer.Complete(plan, live, now);
    }

    /// <summary>What a rollback would do now, in a sentence; cheap enough to be always on screen.</summary>
    public static RollbackOutlook Outlook(Plan forward, Ledger ledger, TopologySnapshot? live) => Movement(forward, ledger, live) with { Backup = live is null ? null : Backup(forward, live) };

    /// <summary>What is left where a rollback is not: said beside it, whether it is offered or not.</summary>
    private static string? Backup(Plan forward, TopologySnapshot live)
    {
        var newest = forward.Components.Select(c => (c.Name, Backup: BackupFresh.Newest(live, c.Name))).Where(b => b.Backup is not null).ToList();
        return newest.Count == 0 ? null : string.Join(" ", newest.Select(b => $"Newest backup of {b.Name}: {b.Backup!.Name}, complete at {b.Backup.CompletedAt!.Value.UtcDateTime:yyyy-MM-dd HH:mm} UTC."));
    }

    private static RollbackOutlook Movement(Plan forward, Ledger ledger, TopologySnapshot? live)
    {
        ArgumentNullException.ThrowIfNull(forward);
        if (live is null)
            return new RollbackOutlook(false, "The cluster is not to be seen; a rollback cannot be worked out now.", 0, 0, [], null);
        int members = 0, switchovers = 0;
        foreach (var c in forward.Components)
        {
            var now = live.Components.FirstOrDefault(x => x.Name == c.Name);
            var profile = forward.Profile.For(c.Name);
            foreach (var shard in now?.Shards ?? [])
            {
                var back = shard.Instances.Count(m => m.Uid.Length > 0 && ShardContext.RunsVersion(m, c.To) && !c.To.Equals(c.From));
                members += back;
                if (back > 0 && !profile.HandsOverByStopping && shard.Instances.Length > 1 && shard.Instances.Any(m => profile.Role(m.Role) is { Leads: true } && ShardContext.RunsVersion(m, c.To)))
                    switchovers++;
            }
        }
        var blocked = Blocked(forward, ledger, live);
        if (blocked.Count > 0)
            return new RollbackOutlook(false, $"No rollback: {Names(blocked.Take(4))} {(blocked.Count == 1 ? "was" : "were")} {Passed(forward, blocked)}, and {blocked[0].Component.From} may not read files of {blocked[0].Component.To}.", members, switchovers, [.. blocked.Select(b => b.Shard)], Alternative(forward, blocked));
        if (FinalizeGate.Passed(ledger) && forward.Profile.Finaliser is { } final)
        {
            if (final is not { Explicit: true, Lower.IsEmpty: false })
                return new RollbackOutlook(false, $"No rollback: the point of no return is passed ({final.Title}).", members, switchovers, [.. forward.Components.SelectMany(c => c.Shards).Select(s => s.Name).Take(4)], forward.Profile.Rollback.Alternative);
            return new RollbackOutlook(true, $"Rolling back now first takes back “{final.Title}”, then {members} {(members == 1 ? "member" : "members")}, last touched first.", members, switchovers, [], forward.Profile.Rollback.Alternative);
        }
        if (members == 0)
            return new RollbackOutlook(true, ledger.StartedAt is null ? "Nothing has been touched yet." : "Rolling back now would touch no member; it gives control back.", 0, 0, [], null);
        return new RollbackOutlook(true, $"Rolling back now: {members} {(members == 1 ? "member" : "members")}, last touched first, {(switchovers == 0 ? "no switchover" : switchovers == 1 ? "1 switchover" : $"{switchovers} switchovers")}.", members, switchovers, [], null);
    }

    internal static ImmutableDictionary<string, UnsettledSwitchover> Unsettled(Plan forward, Ledger ledger) => ledger.OpenSteps
        .Select(id => ledger.Steps[id])
        .Where(s => s is { Kind: StepKind.Switchover, Last.Act: SwitchoverAct })
        .ToImmutableDictionary(s => Ledger.ShardKey(s.Component, s.Shard!), s =>
        {
            var act = (SwitchoverAct)s.Last.Act!;
            return new UnsettledSwitchover(act.From, act.To, s.Last.StartedAt, s.Last.StartedAt + forward.Profile.For(s.Component).Deadlines.Action + (forward.Profile.For(s.Component).Switchover?.Timeout ?? TimeSpan.Zero));
        });

    /// <summary>The order of a downgrade where the forward run was an upgrade, and the other way round: reversed, unless the profile has an order of its own for it.</summary>
    private static ImmutableArray<PlannedComponent> WayBack(Plan forward)
    {
        var back = forward.Components.Reverse().ToImmutableArray();
        return forward.Profile.ComponentsDown.IsEmpty ? back : ComponentOrder.Sort(forward.Profile, back, c => c.Name, down: !back.All(c => VersionRules.IsDowngrade(c.From.Version, c.To.Version) == true));
    }

    private static string Names(IEnumerable<(PlannedComponent Component, string Shard)> blocked) => string.Join(", ", blocked.Select(b => b.Shard));

    private static string Alternative(Plan forward, List<(PlannedComponent Component, string Shard)> blocked) => forward.Profile.For(blocked[0].Component.Name).Rollback.Alternative;

    private static string Passed(Plan forward, List<(PlannedComponent Component, string Shard)> blocked) => forward.Profile.For(blocked[0].Component.Name).HasLeader ? "switched over" : "updated";

    /// <summary>Shards that may not go back: past their switchover (without leaders: once a member has come up on the new version, where the profile rules a way back out) where the profile does not say that the files stay readable (rules FormatCompatible, SkewDirection).</summary>
    private static List<(PlannedComponent Component, string Shard)> Blocked(Plan forward, Ledger ledger, TopologySnapshot live)
    {
        var blocked = new List<(PlannedComponent, string)>();
        foreach (var c in forward.Components)
        {
            var profile = forward.Profile.For(c.Name);
            if (profile.MayGoBack(c.To.Version, c.From.Version))
                continue;
            var now = live.Components.FirstOrDefault(x => x.Name == c.Name);
            foreach (var s in c.Shards)
            {
                var members = now?.Shards.FirstOrDefault(x => x.Name == s.Name)?.Instances ?? [];
                var leadsNew = members.Any(m => profile.Role(m.Role) is { Leads: true } && ShardContext.RunsVersion(m, c.To));
                var joinedNew = !profile.HasLeader && profile.Rollback.AfterSwitchover == "no" && members.Any(m => m.Ready && ShardContext.RunsVersion(m, c.To));
                if (!c.To.Equals(c.From) && (joinedNew || ledger.Levels.GetValueOrDefault(Ledger.ShardKey(c.Name, s.Name)) != Reversibility.L0 || leadsNew))
                    blocked.Add((c, s.Name));
            }
        }
        return blocked;
    }
}
