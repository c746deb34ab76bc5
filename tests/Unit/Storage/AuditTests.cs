using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Storage;

public sealed class AuditTests : IDisposable
{
    private static readonly Caller Ann = new("ann", [Caller.Operator], []) { Via = "password", Address = "10.1.2.3" };

    private readonly TempDatabase _file = new();
    private readonly FakeTimeProvider _time = new(Make.Noon);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Verify_ManyWritersAtOnce_IsOneChainWithoutGaps()
    {
        await using var database = _file.Open();
        var log = new AuditLog(database, _time);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => log.WriteAsync(Entry($"run r{i}"), Entry($"run r{i}"))));

        var verdict = await log.VerifyAsync(null, Ct);

        Assert.True(verdict.Sound, verdict.Text);
        Assert.Equal((400L, 400L), (verdict.Entries, verdict.LastSeq));
        Assert.Contains("Chain of 400 entries verified, last hash ", verdict.Text, StringComparison.Ordinal);
        var page = await log.FindAsync(new AuditFilter(), null, 1, Ct);
        Assert.Equal(verdict.LastHash, page.Entries[0].Hash);
    }

    [Theory]
    [InlineData("UPDATE Audit SET Actor = 'eve' WHERE Seq = 7", 7, "changed after it was written")]
    [InlineData("UPDATE Audit SET Refused = 1 WHERE Seq = 1", 1, "changed after it was written")]
    [InlineData("UPDATE Audit SET At = At + 1 WHERE Seq = 10", 10, "changed after it was written")]
    [InlineData("DELETE FROM Audit WHERE Seq = 4", 4, "Entry 4 is missing")]
    [InlineData("DELETE FROM Audit WHERE Seq = 1", 1, "Entry 1 is missing")]
    [InlineData("DELETE FROM Audit WHERE Seq = 4; UPDATE Audit SET Seq = Seq - 1 WHERE Seq > 4", 4, "does not follow")]
    [InlineData("UPDATE Audit SET Seq = 99 WHERE Seq = 5; UPDATE Audit SET Seq = 5 WHERE Seq = 6; UPDATE Audit SET Seq = 6 WHERE Seq = 99", 5, "does not follow")]
    public async Task Verify_AfterTampering_NamesTheFirstBadEntry(string sql, long first, string says)
    {
        await WriteTenAsync();
        Execute("DROP TRIGGER Audit_NoUpdate; DROP TRIGGER Audit_NoDelete; " + sql);

        var verdict = AuditLog.VerifyFile(_file.Path, null);

        Assert.False(verdict.Sound);
        Assert.Equal(first, verdict.FirstBad);
        Assert.Equal(first - 1, verdict.Entries);
        Assert.Contains(says, verdict.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_WithANotedHead_FindsALogThatWasCutOff()
    {
        await WriteTenAsync();
        var head = AuditLog.VerifyFile(_file.Path, null);
        Execute("DROP TRIGGER Audit_NoDelete; DELETE FROM Audit WHERE Seq > 8");

        Assert.True(AuditLog.VerifyFile(_file.Path, null).Sound);
        var against = AuditLog.VerifyFile(_file.Path, (head.LastSeq, head.LastHash));
        Assert.Equal(9, against.FirstBad);
        Assert.Contains("cut off", against.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_WithANotedHead_FindsALogThatWasWrittenAnew()
    {
        await WriteTenAsync();
        var head = AuditLog.VerifyFile(_file.Path, null);
        Assert.True(AuditLog.VerifyFile(_file.Path, (head.LastSeq, head.LastHash.ToUpperInvariant())).Sound);
        Assert.Equal(10, AuditLog.VerifyFile(_file.Path, (10, new string('0', 64))).FirstBad);
    }

    [Theory]
    [InlineData("UPDATE Audit SET Reason = 'nothing' WHERE Seq = 3")]
    [InlineData("DELETE FROM Audit WHERE Seq = 10")]
    public async Task Table_IsAppendOnlyByItself(string sql)
    {
        await WriteTenAsync();
        Assert.Contains("append-only", Assert.Throws<SqliteException>(() => Execute(sql)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chain_GoesOnAfterARestart()
    {
        await WriteTenAsync();
        await WriteTenAsync();
        Assert.Equal(20, AuditLog.VerifyFile(_file.Path, null).Entries);
    }

    [Fact]
    public async Task Journal_WhatAPersonDid_IsAuditedInTheSameTransaction_WhatRollcallDidIsNot()
    {
        await using var database = _file.Open();
        var (journal, log) = (new Journal(database), new AuditLog(database, _time));
        await journal.StorePlanAsync(Make.Plan(Make.Cluster()), AuditEntry.By(Ann, AuditActions.Propose, "plan p1"));
        var plan = journal.FindPlan("p1")!;
        await journal.CreateRunAsync(new RunRow { Id = "r1", PlanId = "p1", Cluster = "demo/orders", Origin = "x", StartedBy = "ann", CreatedAt = Make.Noon },
            new JournalBatch("r1", 1, Make.Noon, [new RunStarted("p1", plan.Hash) { Actor = "ann" }]) { By = Ann });
        await journal.AppendAsync(new JournalBatch("r1", 2, Make.Noon, [new GateOpened("g", "redis", "all", null), new GateApproved("g", "other-hash", "dba", "looks <b>right</b>") { Actor = "bob" }]));
        await journal.AppendAsync(new JournalBatch("r1", 4, Make.Noon, [new AbortRequested("too slow") { Actor = "ann" }, new RunFinished(RunState.Aborted, new Reason("x")) { Actor = "ann" }]) { By = Ann });

        var entries = (await log.FindAsync(new AuditFilter(), null, 10, Ct)).Entries.Reverse().ToArray();

        Assert.Equal(["propose", "start", "approve", "abort"], entries.Select(e => e.Action));
        Assert.Equal(("ann", "password", "10.1.2.3", "run r1", "demo/orders", plan.Hash), (entries[1].Actor, entries[1].Via, entries[1].Address, entries[1].Object, entries[1].Cluster, entries[1].PlanHash));
        Assert.Equal(("bob", "", "run r1 gate g", "other-hash", "looks <b>right</b>"), (entries[2].Actor, entries[2].Via, entries[2].Object, entries[2].PlanHash, entries[2].Reason));
        Assert.Equal("too slow", entries[3].Reason);
        Assert.True((await log.VerifyAsync(null, Ct)).Sound);
    }

    [Fact]
    public async Task Journal_LinesThatAreRefused_LeaveNoEntry()
    {
        await using var database = _file.Open();
        var (journal, log) = (new Journal(database), new AuditLog(database, _time));
        await journal.StorePlanAsync(Make.Plan(Make.Cluster()));
        await journal.CreateRunAsync(new RunRow { Id = "r1", PlanId = "p1", Cluster = "demo/orders", Origin = "x", StartedBy = "ann", CreatedAt = Make.Noon }, new JournalBatch("r1", 1, Make.Noon, [new RunStarted("p1", "h") { Actor = "ann" }]));
        await Assert.ThrowsAnyAsync<Exception>(() => journal.AppendAsync(new JournalBatch("r1", 1, Make.Noon, [new AbortRequested("late") { Actor = "ann" }])));
        Assert.Equal(1, (await log.VerifyAsync(null, Ct)).Entries);
    }

    [Fact]
    public async Task Refused_TheSameAgainWithinAMinute_IsOneEntry()
    {
        await using var database = _file.Open();
        var log = new AuditLog(database, _time);
        for (var i = 0; i < 5; i++)
            await log.RefusedAsync(Entry("run r1"));
        await log.RefusedAsync(Entry("run r2"));
        _time.Advance(TimeSpan.FromMinutes(1));
        await log.RefusedAsync(Entry("run r1"));

        var page = await log.FindAsync(new AuditFilter(Refused: true), null, 10, Ct);

        Assert.Equal(["run r1", "run r2", "run r1"], page.Entries.Select(e => e.Object));
    }

    [Fact]
    public async Task Find_PagesAndFilters_AndExportHasTheSameInOrder()
    {
        await using var database = _file.Open();
        var log = new AuditLog(database, _time);
        for (var i = 1; i <= 25; i++)
        {
            await log.WriteAsync(Entry($"run r{i}") with { Actor = i % 2 == 0 ? "ann" : "bob", Cluster = "demo/orders" });
            _time.Advance(TimeSpan.FromHours(1));
        }

        var first = await log.FindAsync(new AuditFilter(Actor: "bob"), null, 5, Ct);
        var second = await log.FindAsync(new AuditFilter(Actor: "bob"), first.Next, 20, Ct);

        Assert.Equal((13L, 13L), (first.Matching, second.Matching));
        Assert.Equal([25, 23, 21, 19, 17], first.Entries.Select(e => e.Seq));
        Assert.Equal([15, 13, 11, 9, 7, 5, 3, 1], second.Entries.Select(e => e.Seq));
        Assert.Null(second.Next);
        Assert.Equal([3, 4], (await log.FindAsync(new AuditFilter(From: Make.Noon.AddHours(2), To: Make.Noon.AddHours(4)), null, 10, Ct)).Entries.Select(e => e.Seq).Order());
        var exported = new List<long>();
        await foreach (var row in log.ExportAsync(new AuditFilter(Actor: "bob"), Ct))
            exported.Add(row.Seq);
        Assert.Equal(second.Entries.Concat(first.Entries).Select(e => e.Seq).Order(), exported);
    }

    private static AuditEntry Entry(string what) => AuditEntry.By(Ann, AuditActions.Pause, what);

    private async Task WriteTenAsync()
    {
        await using var database = _file.Open();
        var log = new AuditLog(database, _time);
        for (var i = 0; i < 10; i++)
            await log.WriteAsync(Entry($"run r{i}"));
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_file.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
