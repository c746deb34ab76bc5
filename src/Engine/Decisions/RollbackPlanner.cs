using System.Collections.Immutable;
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
            return new Refusal(RefusalKind.Conflict, $"{string.Join(", ", blocked)} {(blocked.Count == 1 ? "was" : "were")} switched over already, and {forward.Components[0].From} cannot be counted on to read what {forward.Components[0].To} wrote. {forward.Profile.Rollback.Alternative}");

        var touched = ledger.Steps.Values.Where(s => s.Kind == StepKind.Replace && s.Instance is not null).ToImmutableDictionary(s => s.Instance!, s => s.Order);
        var components = ImmutableArray.CreateBuilder<PlannedComponent>();
        foreach (var c in forward.Components.Reverse())
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
                Stages = [new PlannedStage { Name = "rollback", Shards = order, ShardsAtOnce = 1 }],
            });
        }
        var spec = forward.Spec with
        {
            Name = only is null ? forward.Spec.Name + "-rollback" : $"{forward.Spec.Name}-{only[(only.IndexOf('/', StringComparison.Ordinal) + 1)..]}-rollback",
            Changes = [.. components.Select(c => new ChangeSpec { Component = c.Name, ServiceVersion = c.To.Images.IsEmpty ? c.To.Version : null, ComponentDef = c.To.ComponentDef.Length > 0 ? c.To.ComponentDef : null, Images = c.To.Images })],
            Stages = null,
            Rollback = forward.Spec.Rollback with { Automatic = false },
        };
        var plan = forward with
        {
            Id = planId, Spec = spec, Direction = Direction.Rollback, Components = components.ToImmutable(), Findings = [], Steps = [], RollbackOf = forwardRun, TouchedOrder = touched,
            PastSwitchover = [.. ledger.Levels.Where(l => l.Value != Reversibility.L0).Select(l => l.Key)],
            PreferredLeaders = forward.Spec.Rollback.RestoreLeaders ? ledger.LeadersBefore : ImmutableDictionary<string, string>.Empty,
            Unsettled = Unsettled(forward, ledger),
            CreatedBy = by, CreatedAt = now,
        };
        if (forward.Profile.Rollback.Note.Length > 0)
            plan = plan with { Findings = [new Finding(Severity.Info, Rule, forward.Profile.Rollback.Note)] };
        plan = plan with
        {
            Findings = [.. plan.Findings, .. plan.Components.Select(c => live.Components.FirstOrDefault(x => x.Name == c.Name) is { } now ? RebuildOnRevert.Check(c, now, plan.Profile) : null).OfType<Finding>()],
        };
        plan = plan with { Hash = hash(plan) };
        return Previewer.Complete(plan, live, now);
    }

    /// <summary>What a rollback would do now, in a sentence; cheap enough to be always on screen.</summary>
    public static RollbackOutlook Outlook(Plan forward, Ledger ledger, TopologySnapshot? live)
    {
        ArgumentNullException.ThrowIfNull(forward);
        if (live is null)
            return new RollbackOutlook(false, "The cluster is not to be seen; a rollback cannot be worked out now.", 0, 0, [], null);
        int members = 0, switchovers = 0;
        foreach (var c in forward.Components)
        {
            var now = live.Components.FirstOrDefault(x => x.Name == c.Name);
            foreach (var shard in now?.Shards ?? [])
            {
                var back = shard.Instances.Count(m => m.Uid.Length > 0 && ShardContext.RunsVersion(m, c.To) && !c.To.Equals(c.From));
                members += back;
                if (back > 0 && shard.Instances.Length > 1 && shard.Instances.Any(m => forward.Profile.Role(m.Role) is { Leads: true } && ShardContext.RunsVersion(m, c.To)))
                    switchovers++;
            }
        }
        var blocked = Blocked(forward, ledger, live);
        if (blocked.Count > 0)
            return new RollbackOutlook(false, $"No rollback: {string.Join(", ", blocked.Take(4))} {(blocked.Count == 1 ? "was" : "were")} switched over, and {forward.Components[0].From} may not read files of {forward.Components[0].To}.", members, switchovers, [.. blocked], forward.Profile.Rollback.Alternative);
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
            return new UnsettledSwitchover(act.From, act.To, s.Last.StartedAt, s.Last.StartedAt + forward.Profile.Deadlines.Action + (forward.Profile.Switchover?.Timeout ?? TimeSpan.Zero));
        });

    /// <summary>Shards that may not go back: past their switchover where the profile does not say that the files stay readable (rules FormatCompatible, SkewDirection).</summary>
    private static List<string> Blocked(Plan forward, Ledger ledger, TopologySnapshot live)
    {
        var profile = forward.Profile;
        var blocked = new List<string>();
        foreach (var c in forward.Components)
        {
            if (profile.MayGoBack(c.To.Version, c.From.Version))
                continue;
            var now = live.Components.FirstOrDefault(x => x.Name == c.Name);
            foreach (var s in c.Shards)
            {
                var leadsNew = now?.Shards.FirstOrDefault(x => x.Name == s.Name)?.Instances.Any(m => profile.Role(m.Role) is { Leads: true } && ShardContext.RunsVersion(m, c.To)) == true;
                if (!c.To.Equals(c.From) && (ledger.Levels.GetValueOrDefault(Ledger.ShardKey(c.Name, s.Name)) != Reversibility.L0 || leadsNew))
                    blocked.Add(s.Name);
            }
        }
        return blocked;
    }
}
