using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Storage;

public sealed class JournalTests : IDisposable
{
    private readonly TempDatabase _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Plan_StoredAndRead_IsTheSamePlan()
    {
        await using var database = _file.Open();
        var journal = new Journal(database);
        var plan = Make.Plan(Make.Cluster(), gate: new GateSpec { Approvals = 2, Groups = ["dba"], Deadline = TimeSpan.FromHours(4) }, soak: TimeSpan.FromMinutes(1)) with
        {
            TouchedOrder = ImmutableDictionary<string, long>.Empty.Add("orders-a-0", 7), PastSwitchover = ["redis/shard-a"], CreatedAt = Make.Noon,
        };
        await journal.StorePlanAsync(plan);
        var read = journal.FindPlan("p1")!;
        Assert.Equal(JournalJson.Write(plan), JournalJson.Write(read));
        Assert.Equal(plan.Components[0].To, read.Components[0].To);
        Assert.Equal(plan.Cluster, read.Cluster);
        Assert.Equal(plan.Profile.Roles[0], read.Profile.Roles[0] with { Aliases = plan.Profile.Roles[0].Aliases });
    }

    [Fact]
    public void Event_EveryKind_SurvivesJson()
    {
        var reason = new Reason("Why.", "Rule") { Evidence = [new Evidence("lag", "3 B", "redis-cli", Make.Noon) { Rule = "Rule" }], Deadline = Make.Noon, Next = "Then." };
        Act[] acts =
        [
            new HoldAct("s", "redis", ["a"]), new RetargetAct("s", "redis", ["a"], new VersionRef { Version = "8.0.1", ComponentDef = "redis-8" }), new ReplaceAct("s", "redis", "sh", "i", "u", true),
            new SwitchoverAct("s", "redis", "sh", "i", "j"), new ReleaseAct("s", "redis", ["a"]),
        ];
        RunEvent[] events =
        [
            new RunStarted("p", "h"), .. acts.Select(a => new StepStarted("s", StepKind.Replace, "redis", "all", "sh", "i", 2, a) { Title = "T", RolesBefore = ImmutableSortedDictionary<string, string>.Empty.Add("i", "leader"), Evidence = [.. reason.Evidence] }),
            new ActReturned("s", 1, ActStatus.NotNow, reason), new StepFinished("s", 1, StepState.Succeeded, reason), new GateOpened("g", "redis", "all", null), new GateApproved("g", "h", "dba", "ok") { Actor = "ann" },
            new GateRejected("g", "no"), new ApprovalsVoided("a", "b", ["x"]), new RuleRefused("s", reason), new ShardFinished("redis", "all", "sh"), new ShardReopened("redis", "all", "sh"), new LevelChanged("redis", "sh", Reversibility.L1), new RunPaused(reason, true), new RunResumed(true, "c"),
            new StopAfterMemberRequested(true), new AbortRequested("c"), new RollbackRequested("r2", "c"), new ObligationTaken("UpdateStrategy", "o", "me"), new ObligationReturned("UpdateStrategy", "o", "n"), new RunFinished(RunState.Aborted, reason),
            new GateReminded("g"), new GateExpired("g", "hold"), new GateClaimed("g"), new GateUnclaimed("g"), new GateCommented("g", "c"), new GateBypassed("g", "h", "c"), new WindowBypassed("ChangeFreeze", "c"),
            new GateInvited("g", "i", "bob", ["dba"], "h", Make.Noon), new GateInvitationRevoked("g", "i"),
        ];
        foreach (var e in events)
        {
            var json = JournalJson.Write(e);
            var copy = JournalJson.ReadEvent(json);
            Assert.IsType(e.GetType(), copy);
            Assert.Equal(json, JournalJson.Write(copy));
        }
        Assert.Equal(typeof(RunEvent).Assembly.GetTypes().Count(t => t.IsSubclassOf(typeof(RunEvent))), events.Select(e => e.GetType()).Distinct().Count());
    }

    [Fact]
    public async Task Append_ThenLoad_GivesSameLedgerInOrder()
    {
        await using var database = _file.Open();
        var journal = await StartedAsync(database, "r1", "demo/orders");
        await journal.AppendAsync(new JournalBatch("r1", 2, Make.Noon, [new GateOpened("g", "redis", "all", null), new GateApproved("g", "h1", "dba", "fine") { Actor = "ann" }]));
        var entries = journal.Load("r1");
        Assert.Equal([1, 2, 3], entries.Select(e => e.Seq));
        var ledger = Ledger.Fold(entries.Select(e => (e.Seq, e.At, e.Event)));
        Assert.Equal("ann", Assert.Single(ledger.Gates["g"].Approvals).By);
        var views = await journal.EventsAsync("r1", 1, 10, TestContext.Current.CancellationToken);
        Assert.Equal(["GateOpened", "GateApproved"], views.Select(v => v.Type));
        Assert.Equal("ann", views[1].Actor);
        Assert.Equal("fine", views[1].Data.GetProperty("comment").GetString());
    }

    [Fact]
    public async Task Append_SeqTakenByAnotherWriter_IsRefused()
    {
        await using var database = _file.Open();
        var journal = await StartedAsync(database, "r1", "demo/orders");
        await Assert.ThrowsAsync<DbUpdateException>(() => journal.AppendAsync(new JournalBatch("r1", 1, Make.Noon, [new AbortRequested("late")])));
        Assert.Single(journal.Load("r1"));
    }

    [Fact]
    public async Task CreateRun_ManyClicksAtOnce_OneRunPerCluster()
    {
        await using var database = _file.Open();
        var journal = new Journal(database);
        await journal.StorePlanAsync(Make.Plan(Make.Cluster()));
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => journal.CreateRunAsync(Row($"r{i}", "demo/orders"), First($"r{i}"))));
        Assert.Equal(19, results.Count(other => other is not null));
        Assert.Single(journal.UnfinishedRuns());
        Assert.Single(results.Where(r => r is not null).Distinct());
    }

    [Fact]
    public async Task Database_SecondActiveRunPastAllChecks_IsRefusedByTheIndex()
    {
        await using var database = _file.Open();
        await StartedAsync(database, "r1", "demo/orders");
        await Assert.ThrowsAsync<DbUpdateException>(() => database.WriteAsync(db => { db.Add(Row("r2", "demo/orders")); }));
        await database.WriteAsync(db => { db.Add(Row("r3", "demo/payments")); });
    }

    [Fact]
    public async Task HandOver_Works_InOneTransaction()
    {
        await using var database = _file.Open();
        var journal = await StartedAsync(database, "r1", "demo/orders");
        var plan = Make.Plan(Make.Cluster()) with { Id = "p2", RollbackOf = "r1" };
        var end = new JournalBatch("r1", 2, Make.Noon, [new RollbackRequested("r2", "bad"), new RunFinished(RunState.Aborted, new Reason("Rolled back."))]);
        await journal.HandOverAsync(plan, Row("r2", "demo/orders", "p2", "r1"), First("r2"), [end]);
        Assert.Equal("r2", Assert.Single(journal.UnfinishedRuns()).Id);
        Assert.Equal(RunState.Aborted, journal.FindRun("r1")!.Final);
        Assert.Equal("r2", Assert.Single(journal.RollbacksOf("r1")).Id);
    }

    [Fact]
    public async Task HandOver_NewRunCannotBeStored_OldRunStaysAsItWas()
    {
        await using var database = _file.Open();
        var journal = await StartedAsync(database, "r1", "demo/orders");
        var end = new JournalBatch("r1", 2, Make.Noon, [new RunFinished(RunState.Aborted, new Reason("Rolled back."))]);
        var missingPlan = Row("r2", "demo/orders", "no-such-plan", "r1");
        await Assert.ThrowsAsync<DbUpdateException>(() => journal.HandOverAsync(Make.Plan(Make.Cluster()) with { Id = "p2" }, missingPlan, First("r2"), [end]));
        Assert.Equal("r1", Assert.Single(journal.UnfinishedRuns()).Id);
        Assert.Single(journal.Load("r1"));
        Assert.Null(journal.FindPlan("p2"));
    }

    [Fact]
    public void Json_OfAnEvent_HoldsNothingComputed()
    {
        using var json = JsonDocument.Parse(JournalJson.Write(new StepFinished("s", 1, StepState.Succeeded, null)));
        Assert.False(json.RootElement.TryGetProperty("stepId", out _));
        Assert.Equal("StepFinished", json.RootElement.GetProperty("type").GetString());
    }

    internal static RunRow Row(string id, string cluster, string plan = "p1", string? rollbackOf = null) =>
        new() { Id = id, PlanId = plan, Cluster = cluster, Origin = "cluster", StartedBy = "ann", CreatedAt = Make.Noon, RollbackOf = rollbackOf };

    internal static JournalBatch First(string run) => new(run, 1, Make.Noon, [new RunStarted("p1", "h1")]);

    internal static async Task<Journal> StartedAsync(Database database, string run, string cluster)
    {
        var journal = new Journal(database);
        await journal.StorePlanAsync(Make.Plan(Make.Cluster()));
        Assert.Null(await journal.CreateRunAsync(Row(run, cluster), First(run)));
        return journal;
    }
}
