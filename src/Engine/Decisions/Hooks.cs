using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>Hooks at their points: one after another in the order written, each once for its stage, shard or member, and nothing goes on before the last has passed.</summary>
internal sealed class Hooks(DecisionBuilder b, PlanIndex index, Settling settling)
{
    /// <summary>True when every hook of this point has passed; otherwise the next one is offered, or its wait is said.</summary>
    /// <param name="s">The shard it is about; null for stages and rollbacks.</param>
    /// <param name="subject">The member that is to be (or was) replaced.</param>
    public bool Pass(string point, PlannedComponent c, PlannedStage stage, ShardContext? s = null, Instance? subject = null)
    {
        if (stage.Hooks.IsEmpty)
            return true;
        foreach (var hook in stage.Hooks)
        {
            if (hook.On != point || (subject is not null && !hook.Roles.IsEmpty && !hook.Roles.Contains(RoleOf(s!, subject) ?? "")))
                continue;
            var id = StepIds.Hook(c.Name, stage.Name, hook.Name, s?.Baseline.Name, subject?.Name);
            var step = b.Ledger.Step(id);
            if (ActionSettling.Passed(step))
                continue;
            if (step is null or { Open: true } && (step is null || settling.MayRetry(id)))
                Offer(hook, id, step, c, stage, s, subject);
            return false;
        }
        return true;
    }

    /// <summary>Whether this point has hooks at all; saves looking through members.</summary>
    public static bool Any(PlannedStage stage, string point)
    {
        foreach (var hook in stage.Hooks)
            if (hook.On == point)
                return true;
        return false;
    }

    /// <summary>The role that a person means: who led when the run first touched the shard is its leader, also after the switchover took the role away.</summary>
    private static string? RoleOf(ShardContext s, Instance m)
    {
        if (s.Ledger.LeadersBefore.TryGetValue(s.Key, out var led) && led == m.Name)
            return s.Profile.Roles.First(r => r.Leads).Name;
        return s.Ledger.Step(StepIds.Replace(s.Component.Name, s.Baseline.Name, m.Name))?.Role ?? s.RoleOf(m).Role;
    }

    private void Offer(HookSpec hook, string id, StepEntry? step, PlannedComponent c, PlannedStage stage, ShardContext? s, Instance? subject)
    {
        // What comes after something, or right before an act that may be done, belongs to it.
        if (step is null && hook.On is HookPoints.BeforeStage or HookPoints.BeforeShard && !b.MayBegin(id))
            return;
        if (NoConcurrentOps.Check(b.State) is { Allows: false } busy)
        {
            b.Wait(id, busy.Reason!, busy.WakeAt);
            return;
        }
        var title = $"Hook {hook.Name} {Where(hook.On, stage, s, subject)}";
        var instance = subject?.Name;
        if (hook.Action.Exec is not null)
        {
            if (subject is not null && !subject.Ready)
            {
                b.Record(new StepStarted(id, StepKind.Hook, c.Name, stage.Name, s?.Baseline.Name, instance, (step?.Last.Number ?? 0) + 1, null) { Title = title });
                b.Record(new StepFinished(id, (step?.Last.Number ?? 0) + 1, StepState.Skipped, new Reason($"{instance} is not Ready ({subject.Problem ?? subject.Phase}), so nothing can be run in it.")));
                return;
            }
            if (subject is null && (instance = Member(hook, id, title, c, stage, s)) is null)
                return;
        }
        var act = new ActionAct(id, c.Name, s?.Baseline.Name, instance, hook.Action) { OnFailure = hook.OnFailure, Point = hook.On, Stage = stage.Name };
        b.Offer(new StepStarted(id, StepKind.Hook, c.Name, stage.Name, s?.Baseline.Name, instance, (step?.Last.Number ?? 0) + 1, act)
        {
            Title = title,
            Role = s is not null && subject is not null ? RoleOf(s, subject) : null,
            RolesBefore = s?.Leader is { } leader ? ImmutableSortedDictionary<string, string>.Empty.Add(leader.Name, "leader") : ImmutableSortedDictionary<string, string>.Empty,
        }, act);
    }

    /// <summary>In which member a command runs that is about no member in particular; null while nobody is known.</summary>
    private string? Member(HookSpec hook, string id, string title, PlannedComponent c, PlannedStage stage, ShardContext? s)
    {
        s ??= stage.Shards.Select(name => index.Shard(b.State, c.Name, name)).FirstOrDefault(x => x is not null);
        if (s is null)
        {
            b.Wait(id, new Reason($"{title}: no shard of {c.Name} is in sight to run it in.", UnknownIsUnsafe.Name) { Next = "Goes on by itself when it is back." });
            return null;
        }
        var ready = s.Members.Where(m => m.Ready && m.Phase is not "Terminating").ToList();
        var wanted = hook.Roles.IsEmpty && s.Profile.HasLeader ? s.Profile.Roles.Where(r => r.Leads).Select(r => r.Name).ToImmutableArray() : hook.Roles;
        var found = ready.FirstOrDefault(m => wanted.IsEmpty || (s.RoleOf(m) is { Confirmed: true, Role: { } role } && wanted.Contains(role)));
        if (found is not null)
            return found.Name;
        b.Ask(s, ready.Where(m => s.Profile.HasRoles && !s.UsesLabel(m)).Select(m => m.Name), Verdict.Soon);
        b.Progress(id, new Reason($"{title}: no Ready {(wanted.IsEmpty ? "member" : string.Join(" or ", wanted))} of {s.Name} is known to run it in.", FreshRoleBeforeAct.Name) { Next = "The members are asked; it goes on by itself." },
            ready.Select(m => s.RoleOf(m).ConfirmableAt).Where(at => at > b.Now).DefaultIfEmpty(null).Min());
        return null;
    }

    private static string Where(string point, PlannedStage stage, ShardContext? s, Instance? subject) => point switch
    {
        HookPoints.BeforeStage => $"before stage {stage.Name}",
        HookPoints.AfterStage => $"after stage {stage.Name}",
        HookPoints.BeforeShard => $"before shard {s!.Name}",
        HookPoints.AfterShard => $"after shard {s!.Name}",
        HookPoints.BeforeInstance => $"before {subject!.Name} is replaced",
        HookPoints.AfterInstance => $"after {subject!.Name} was replaced",
        HookPoints.BeforeSwitchover => $"before the switchover of {s!.Name}",
        HookPoints.AfterSwitchover => $"after the switchover of {s!.Name}",
        HookPoints.BeforeRollback => "before the rollback",
        _ => "after the rollback",
    };
}
