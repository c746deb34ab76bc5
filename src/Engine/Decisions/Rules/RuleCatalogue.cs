using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Every rule in plain words: for the screen beside a Reason, for the API, for docs/rules.md. What a rule does is code in a file of its own; this says it to people. Numbers are those of the published table;
/// 0 for what is no rule of a database but of the tool.
/// </summary>
public static class RuleCatalogue
{
    private static readonly ImmutableArray<RuleView> Table =
    [
        new(1, "NonLeadersFirst", "A leader is updated only when every other member of its shard that can be updated has been. Followers go first: those without a vote, then the most lagging, then the highest ordinal.", "on", "before every act", "waits", "nowhere: it is what a rolling update of a database is"),
        new(2, "SingleHandover", "A shard is switched over at most once per run, and not at all when its leader needs no update. A second time means that the leadership moved behind Rollcall's back: a person looks first.", "once", "before a switchover", "pauses", "Retry allows one more"),
        new(3, "HandoverTargetEligible", "Who takes over must be Ready, run the new version, be electable, be connected and within the lag limit, and be on the same timeline or epoch where the engine has one.", "the profile's lag limit", "before a switchover", "waits; a profile without a switchover is refused in the plan", "profile: lag, probe.sameAsLeader; plan: safety.lag"),
        new(4, "NoForcedHandover", "Nobody is promoted by force. A forced failover may take a member that lacks acknowledged writes.", "off", "in the plan, and before a switchover", "refuses the plan; pauses a run", "plan: acknowledge [forcedHandover]"),
        new(5, "FreshRoleBeforeAct", "Right before anything is taken away every Ready member says its role itself. Labels are late after a failover; where no probe can run, a label counts once it has stood still long enough.", "5 s", "before every act", "asks again", "profile: probe.maxAge"),
        new(6, "QuorumPreserved", "The voting members that stay must be a majority of all voters. A member that is down already, or does not vote, costs nothing.", "on where the profile says that members vote", "before every act", "waits", "profile: limits.quorum, roles.votes"),
        new(7, "OneDisruptionPerShard", "Members of a shard that are down, by Rollcall's doing or not, stay within a limit together.", "1", "before every act", "waits", "profile: limits.membersAtOnce"),
        new(8, "MaxShardsInFlight", "Only so many shards are worked on at once, and a shard that is broken by itself counts. Shards that run both versions may have a limit of their own.", "1 shard, never more than 50 %; no limit on shards that run both versions", "before a shard is begun", "waits; a stage that could never end is refused in the plan", "profile: limits.shardsAtOnce, limits.shardsPercent, limits.partlyUpdatedShards; plan: stages.shardsAtOnce, safety.partlyUpdatedShards"),
        new(9, "ShardLeaderMajority", "Where leaders of shards vote on each other's failover (Redis Cluster), most of them stay settled while one moves.", "fewer than half, at least one", "before a leader is touched", "waits; one or two shards need an acknowledgement", "profile: limits.leaderMajority; plan: acknowledge [smallCluster]"),
        new(10, "DataCopyHeadroom", "Nothing is taken away that would leave a partition or shard copy below its minimum of in-sync copies. Sets that never had more than the minimum are exempt, and said.", "on where the profile names copy sets", "before every act", "waits", "profile: copies"),
        new(11, "NoSharedCopiesInBatch", "Two members that go at the same time never share a copy set beyond its headroom.", "on where the profile names copy sets", "in the plan, and before every act", "waits", "profile: copies"),
        new(12, "ReplicationCaughtUp", "What was updated is connected and caught up, by several answers in a row, before anything else happens in its shard.", "1 MiB or 10 s in the engine's own unit, 3 answers in a row, as the profile says", "after every member", "waits, and pauses when the deadline passes without progress", "profile: lag, deadlines.sync; plan: safety.lag"),
        new(13, "PeerViewConverged", "The members themselves call the database healthy, by answers given after the replaced member came back.", "on where the probe reads health", "before every act and after every member", "waits", "profile: probe.healthy"),
        new(14, "UnhealthyOutdatedFirst", "A member that is not on the new version and whose containers do not run goes first and costs no budget: replacing it can only help. Never a leader, never one that runs and recovers.", "on", "before every act", "goes first", "nowhere"),
        new(15, "UpdatedUnhealthyHalts", "A member that does not come up on the new version stops everything: at once when its image or container can never start as it is, else at its deadline.", "the profile's deadline, 5 min", "after every member", "pauses, or rolls back where the plan says so", "profile: deadlines.ready; plan: safety.readyDeadline, rollback.automatic"),
        new(16, "BrokenRevisionEject", "On the way back a member that never came up is deleted by name, after the old version stands in the template again. Nothing else would replace it.", "on", "on a rollback", "goes first", "nowhere"),
        new(17, "PodRevisionIsTruth", "Whether a member is updated is read off its own Pod, never off the controller's counters, which lie while an update strategy is held.", "on", "always", "decides what is outdated", "nowhere"),
        new(18, "ComponentOrder", "Components go one after another in the order their database asks for; on the way down the other way round.", "the profile's order", "in the plan", "orders; warns where nobody says", "profile: components.up, components.down"),
        new(19, "ControllerLast", "Among members of one kind the active controller or elected master goes last, asked anew after each act.", "on where the profile names a controller", "before every act", "orders", "profile: roles"),
        new(20, "VersionStep", "Only hops that the database's makers allow, compared number by number, and no more than two versions alive at once.", "as the profile says", "in the plan", "refuses the plan", "profile: versions.maxMajorStep, versions.maxMinorStep"),
        new(21, "SkewDirection", "Where a follower must not be older than its leader, followers first is right for an upgrade and wrong for a downgrade.", "as the profile says", "in the plan", "refuses the plan", "profile: versions.followerNotOlder"),
        new(22, "FormatCompatible", "The wanted version must read the files that the present one wrote. An upgrade always may; a downgrade only as far as the makers promise.", "as the profile says", "in the plan, and before a rollback", "refuses, with what else can be done", "profile: versions.readableDown, rollback.afterSwitchover"),
        new(23, "FinalizeGate", "What cannot be undone (a feature level, a format) is a step of its own: every member updated, the soak over, a person asked, and, where the plan wants a backup of some age, one that is still that fresh.", "asked", "in the plan, and before the finaliser", "pauses", "profile: finaliser; plan: finalise"),
        new(24, "ImplicitFinalizeGuard", "Where the engine finalises by itself with some member (the last of etcd, the first of Elasticsearch), that step is marked and asked for like a finaliser.", "on where the profile says so", "in the plan, and before that member", "pauses", "profile: finaliser.implicit"),
        new(25, "BackupFresh", "Before a component is touched a complete backup of it is younger than the plan asks for, or one is taken first.", "not asked", "in the plan, and before the component's first act", "refuses the plan where nobody takes one; waits", "plan: safety.backup"),
        new(26, "SuspendMovers", "Balancers, repairs and the like are stopped, and seen to be idle, before the first act.", "as the profile says", "before the first act", "waits", "profile: movers"),
        new(27, "ObligationsRestored", "What was taken is given back: on success, abort, rollback and after a crash. A hold only when every member is Ready on the one version its specification asks for; otherwise giving it back would restart Pods.", "on", "at the end", "keeps it, and says so on the cluster", "release anyway, which lists the Pods that will restart"),
        new(28, "DrainBeforeStop", "What the engine must move off a member (leaders, connections, memory) is gone before its Pod is.", "as the profile says", "before every act", "waits, and pauses at its time-out", "profile: drain"),
        new(29, "GraceCoversHandover", "A Pod's grace period covers what its member does while it stops and 10 s more; afterwards the kubelet kills it.", "never 0 s", "in the plan", "refuses the plan", "profile: limits.stop"),
        new(30, "NoConcurrentOps", "While somebody else's operation runs on the cluster nothing starts; the member in hand is finished.", "on", "in the plan, and before every act", "waits", "nowhere"),
        new(31, "PdbRespected", "A healthy member is evicted, so that its PodDisruptionBudget is asked; a dead one is deleted, since a budget would protect the very Pod that must go.", "on", "before every act", "waits", "the budget itself"),
        new(32, "ZoneExclusive", "With unhealthy members in two failure zones or more nothing is touched. Where zones share data, Rollcall's own disruptions stay in one zone at a time too.", "on for members that broke by themselves; for Rollcall's own as profile or plan say", "before every act", "waits", "profile: limits.zoneExclusive; plan: safety.zoneExclusive"),
        new(33, "CanaryFirst", "With three shards or more one goes first, alone, and soaks, before the others follow.", "1 shard, 10 min", "in the plan", "warns; Compose proposes it", "plan: stages"),
        new(34, "Cooldown", "A least gap between two members of a shard, two shards, two failure zones.", "none", "before every act", "waits", "profile: cooldown; plan: safety.cooldown"),
        new(35, "ConfigDirection", "A parameter that followers check against their leader shrinks on the leader first and grows on the followers first, which is not the order of a new version. So parameters are no part of a change here.", "on", "in the plan", "refuses the plan; says when a KubeBlocks definition may bring other parameters", "nowhere"),
        new(36, "OneKindOfChange", "One kind of change at a time. A plan can only name versions; a change of another kind that waits in a template would come along unseen.", "on", "in the plan", "refuses the plan", "plan: acknowledge [otherChanges]"),
        new(37, "GrowOnlyStorage", "Storage grows by itself, before and online, and never shrinks, not in a rollback either. No act of Rollcall touches a volume.", "on", "in the plan", "refuses the plan", "nowhere"),
        new(38, "NoOpSuppression", "Nothing restarts for nothing: what runs the wanted version already is left alone.", "on", "in the plan, and before every act", "leaves out", "nowhere"),
        new(39, "RecoveryIsProgress", "A member that loads, replays or copies is not stuck as long as that goes on: each sign of progress gives it a minute more.", "on where the profile knows what progress looks like, and wherever lag is measured", "after every member", "extends the deadline", "profile: probe.progress"),
        new(40, "UnknownIsUnsafe", "A member whose role nobody knows, or a shard without a leader, is waited for; a shard with two leaders is never touched.", "the profile's deadline, 2 min", "before every act", "waits, then pauses; pauses at once with two leaders", "profile: deadlines.role"),
        new(41, "DeleteWithPreconditions", "A Pod is taken away by its uid and resourceVersion, never by name alone, and never with a grace period of 0.", "on", "at the act", "looks again", "nowhere"),
        new(42, "SingletonAcknowledged", "A shard that cannot lose a member without an outage is touched only when the plan's author says so.", "refused", "in the plan", "refuses the plan", "plan: acknowledge [singleton]"),
        new(43, "RestoreOriginalLeaders", "When everything is done, those lead again who led before: one more switchover per shard at most, one shard at a time, only while all its members are Ready and caught up.", "off", "as the last phase", "waits, then leaves it as it is and says so", "plan: safety.restoreLeaders, rollback.restoreLeaders"),
        new(44, "RollbackOrder", "The way back undoes shards in flight first, last touched first, then finished shards, then earlier components. Before a shard's switchover it costs no switchover, after it one; past the point of no return it is refused.", "on", "on a rollback", "refuses, with what else can be done", "plan: rollback.automatic"),
        new(45, "HandoverWindow", "Leadership moves only in the maintenance window; followers may go outside it.", "no window", "before a switchover", "waits", "plan: safety.handoverWindow; an admin may bypass it for a run, with a reason"),
        new(46, "RebuildOnRevert", "On the way back a member whose files the old version cannot read must copy them anew from a healthy member. Rollcall deletes no volume: it stops there, says what to delete, and goes on when you have.", "on", "on a rollback", "pauses", "Retry, once the files are discarded"),
        new(0, "Gate", "A person decides whether the run goes on.", "as the plan says", "before a stage or its switchovers", "waits", "plan: stages.gate"),
        new(0, "Analysis", "A metric must stay within its limits before a stage, a shard or a member counts as done. Each measurement is one line of the journal, and none is taken twice; a number that cannot be had is no proof of anything, so a person looks.", "none", "after a member, a shard or a stage", "pauses, rolls back or goes on, as the plan says", "plan: stages.analysis"),
        new(0, "ChangeFreeze", "In a change freeze no run is started and nothing new is begun. The member in hand is finished, people may decide at gates, and the way back is not frozen.", "no freeze", "at the start, and before every act", "refuses the start; waits", "plan: safety.freeze, configuration: Freeze; an admin may bypass it for a run, with a reason"),
        new(0, "HookRunOnce", "A hook, a backup or another action runs once for each counted attempt, also across a crash: what was begun is found again and followed, and another attempt is a new one, as many as the plan allows.", "no further attempt", "at its point", "pauses, goes on or rolls back, as the plan says", "plan: hooks.retries, hooks.onFailure"),
        new(0, "PlanDiverged", "The cluster is not the one the plan was made for: members came or went, a third version runs, or somebody edited the template. Rollcall stops instead of guessing.", "on", "before every act", "pauses", "nowhere"),
        new(0, "VersionInstalled", "Where nobody lists the versions there are, a wrong tag shows only when the first member does not start.", "on", "in the plan", "warns", "annotation rollcall.dev/available-versions"),
        new(0, "ManagedElsewhere", "Argo CD, Flux or Helm may write the same objects back; they are told to leave them alone first.", "refused", "in the plan", "refuses the plan", "plan: acknowledge [managedElsewhere]"),
        new(0, "WorkloadBlockers", "A workload whose lever somebody else uses (a partition, a hold, pinned instances) cannot be taken.", "on", "in the plan", "refuses the plan", "nowhere"),
        new(0, "SharedTemplateExposure", "Where one template serves several shards, writing the new version exposes them all: who is lost meanwhile returns on it.", "said", "in the plan", "warns", "nowhere"),
        new(0, "ComponentMissing", "A component of the plan is not to be seen in the cluster.", "on", "in the plan", "refuses the plan", "nowhere"),
        new(0, "Preview", "As the cluster is now the run would not come to its end.", "on", "in the plan", "refuses the plan", "nowhere"),
    ];

    private static readonly ImmutableHashSet<string> InTheCode = [.. typeof(RuleCatalogue).Assembly.GetTypes()
        .Where(t => t.Namespace?.StartsWith("Rollcall.Engine.Decisions", StringComparison.Ordinal) == true)
        .SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Where(f => f is { IsLiteral: true, Name: "Name" or "Eject" or "Rule" } && f.FieldType == typeof(string))
        .Select(f => (string)f.GetRawConstantValue()!)];

    /// <summary>With whether this build acts on it: a rule is in force when its code is there, under its name.</summary>
    public static ImmutableArray<RuleView> All { get; } = [.. Table.Select(r => r with { Enforced = r.Number == 0 || InTheCode.Contains(r.Name) })];

    public static RuleView? Find(string name) => ByName.GetValueOrDefault(name);

    private static ImmutableDictionary<string, RuleView> ByName { get; } = All.ToImmutableDictionary(r => r.Name, StringComparer.Ordinal);

    /// <summary>docs/rules.md; a test holds the file to it.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append("# Safety rules\n\n");
        text.Append("Every step of a run is allowed, or kept waiting, by these rules. Each is a small pure function in `src/Engine/Decisions/Rules`; the preview, the run and the rollback ask the very same ones. ");
        text.Append("A step's intent in the journal carries what each rule saw: rule, value, source, time. A rule that says no is the Reason on screen, and it goes into the journal too. ");
        text.Append("The same list: `GET /api/v1/rules`, and the page `/rules`; they also say which rules this build does not act on (`enforced: false`).\n\n");
        text.Append("This file is written by `RuleCatalogue.ToMarkdown()`; a test fails when the two differ.\n");
        foreach (var rule in All.Where(r => r.Number > 0))
            Append(text, rule);
        text.Append("\n## Rules of the tool itself\n");
        foreach (var rule in All.Where(r => r.Number == 0))
            Append(text, rule);
        return text.ToString();
    }

    private static void Append(StringBuilder text, RuleView rule)
    {
        var heading = rule.Number > 0 ? $"## {rule.Number}. {rule.Name}" : $"### {rule.Name}";
        text.Append(CultureInfo.InvariantCulture, $"\n{heading}\n\n{rule.Statement}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"- Default: {rule.Default}\n- Asked: {rule.Phase}\n- Otherwise: {rule.Violation}\n- Changed by: {rule.Override}\n");
    }
}
