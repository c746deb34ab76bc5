using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Notifying;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Rollcall.Unit.Profiles;
using Xunit;

namespace Rollcall.Unit.Notifying;

/// <summary>Which lines are told, in what words, and that a line and what tells of it are one transaction.</summary>
public sealed class JournalNoticesTests
{
    private static readonly Uri Somewhere = new("https://hooks.example/x");
    private static readonly GateOpened Opened = new("redis.rest.gate", "redis", "rest", null);

    [Fact]
    public async Task GateOpened_IsToldWithGateLinkAndDeadline()
    {
        await using var bench = new NoticeBench(Somewhere);
        await bench.RunAsync();
        await bench.AppendAsync("r1", Opened);

        var notice = Assert.Single(await bench.AllAsync());
        Assert.Equal(("r1-2", NoticeKinds.ApprovalNeeded, NoticeState.Waiting), (notice.Key, notice.Kind, notice.State));
        using var body = JsonDocument.Parse(bench.Row("r1-2").Body);
        var said = body.RootElement;
        Assert.Equal("r1-2", said.GetProperty("id").GetString());
        Assert.Equal(1, said.GetProperty("version").GetInt32());
        Assert.Equal("https://rollcall.example.org/runs/r1", said.GetProperty("run").GetProperty("url").GetString());
        Assert.Equal(2, said.GetProperty("gate").GetProperty("approvals").GetInt32());
        Assert.Equal("dba", said.GetProperty("gate").GetProperty("groups")[0].GetString());
        Assert.Equal(bench.Time.GetUtcNow().AddHours(4), said.GetProperty("gate").GetProperty("deadline").GetDateTimeOffset());
        Assert.Contains("waits for 2 approvals (dba must be among them) at the gate before “rest”, until 2026-11-25 07:00 UTC", said.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.False(said.TryGetProperty("outcome", out _));
    }

    [Fact]
    public async Task WithoutPublicUrl_ThePathAloneIsSent()
    {
        await using var bench = new NoticeBench(Somewhere, publicUrl: "");
        await bench.RunAsync();
        await bench.AppendAsync("r1", Opened);
        using var body = JsonDocument.Parse(bench.Row("r1-2").Body);
        Assert.Equal("/runs/r1", body.RootElement.GetProperty("run").GetProperty("path").GetString());
        Assert.False(body.RootElement.GetProperty("run").TryGetProperty("url", out _));
    }

    [Fact]
    public async Task EveryKindOfLine_HasItsKindItsWordsAndItsActor()
    {
        await using var bench = new NoticeBench(Somewhere);
        await bench.RunAsync();
        await bench.AppendAsync("r1", Opened, new GateReminded(Opened.Gate), new GateBypassed(Opened.Gate, "h", "site down") { Actor = "root" });
        await bench.AppendAsync("r1", new RunPaused(new Reason("orders-a-0 is not Ready after 300 s.", "UpdatedUnhealthyHalts") { Next = "Roll back." }));
        await bench.AppendAsync("r1", new RunResumed(true, "try") { Actor = "ann" }, new RunFinished(RunState.Aborted, new Reason("Rolled back by ann.")));
        await bench.RunAsync(Direction.Rollback, rollbackOf: "r1", id: "r2");
        await bench.AppendAsync("r2", new RunFinished(RunState.Succeeded, new Reason("Rolled back: every member runs the version it came from.")));

        var all = await bench.AllAsync();
        Assert.Equal([NoticeKinds.ApprovalNeeded, NoticeKinds.ApprovalDue, NoticeKinds.GateBypassed, NoticeKinds.Halted, NoticeKinds.Finished, NoticeKinds.RollbackStarted, NoticeKinds.Finished], all.Select(n => n.Kind));
        Assert.Contains("still waits for 2 approvals", all[1].Text, StringComparison.Ordinal);
        Assert.Contains("root bypassed the gate before “rest”", all[2].Text, StringComparison.Ordinal);
        Assert.Contains("orders-a-0 is not Ready after 300 s.", all[3].Text, StringComparison.Ordinal);
        Assert.Contains("takes run r1 back", all[5].Text, StringComparison.Ordinal);
        Assert.Equal(["aborted", "rolled-back"], new[] { all[4], all[6] }.Select(n => JsonDocument.Parse(bench.Row(n.Key).Body).RootElement.GetProperty("outcome").GetString()));
        using var halted = JsonDocument.Parse(bench.Row(all[3].Key).Body);
        Assert.Equal(("rollcall", "UpdatedUnhealthyHalts", "Roll back."), (halted.RootElement.GetProperty("actor").GetString(), halted.RootElement.GetProperty("reason").GetProperty("rule").GetString(), halted.RootElement.GetProperty("reason").GetProperty("next").GetString()));
        Assert.Equal("r1", JsonDocument.Parse(bench.Row(all[5].Key).Body).RootElement.GetProperty("run").GetProperty("rollbackOf").GetString());
    }

    [Fact]
    public async Task KindsThatWereNotChosen_AreNotWritten()
    {
        await using var bench = new NoticeBench(Somewhere, kinds: [NoticeKinds.Finished]);
        await bench.RunAsync();
        await bench.AppendAsync("r1", Opened, new RunFinished(RunState.Succeeded, new Reason("Done.")));
        Assert.Equal(NoticeKinds.Finished, Assert.Single(await bench.AllAsync()).Kind);
    }

    [Fact]
    public async Task WithoutTarget_NothingIsWritten()
    {
        await using var bench = new NoticeBench(target: null);
        await bench.RunAsync();
        await bench.AppendAsync("r1", Opened);
        Assert.Empty(await bench.AllAsync());
    }

    [Fact]
    public async Task JournalLineThatIsRefused_LeavesNoNotice()
    {
        await using var bench = new NoticeBench(Somewhere);
        await bench.RunAsync();
        await bench.AppendAsync("r1", new GateCommented("g", "hello"));
        // Somebody else wrote this line already: the whole transaction is taken back.
        await Assert.ThrowsAsync<DbUpdateException>(() => bench.Journal.AppendAsync(new JournalBatch("r1", 2, bench.Time.GetUtcNow(), [Opened])));
        Assert.Empty(await bench.AllAsync());
    }

    [Fact]
    public async Task Hold_LongerThanAnHour_IsToldOnceAlsoAfterARestart()
    {
        using var file = new Storage.TempDatabase();
        var key = new ClusterKey("demo", "orders");
        var since = new DateTimeOffset(2026, 11, 25, 1, 30, 0, TimeSpan.Zero);
        await using (var bench = new NoticeBench(Somewhere, file))
        {
            await bench.RunAsync();
            Assert.True(await bench.Outbox.AddHoldAsync(key, new Custody("me", "r1", since), since));
            Assert.False(await bench.Outbox.AddHoldAsync(key, new Custody("me", "r1", since), since));
        }
        await using var second = new NoticeBench(Somewhere, file);
        Assert.False(await second.Outbox.AddHoldAsync(key, new Custody("me", "r1", since), since));
        var notice = Assert.Single(await second.AllAsync());
        Assert.Contains("demo/orders has been held for 90 minutes by me for run r1", notice.Text, StringComparison.Ordinal);
        // The next hold of the same cluster is another one.
        Assert.True(await second.Outbox.AddHoldAsync(key, new Custody("me", "r1", since.AddHours(1)), since.AddHours(1)));
    }

    [Fact]
    public void Documentation_NamesEveryKindAndEveryFieldOfTheBody()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "notifications.md"));
        foreach (var kind in NoticeKinds.All.Add(NoticeKinds.Test))
            Assert.Contains($"| `{kind}` |", text, StringComparison.Ordinal);
        var start = text.IndexOf("```json", StringComparison.Ordinal) + 7;
        using var example = JsonDocument.Parse(text[start..text.IndexOf("```", start, StringComparison.Ordinal)]);
        var now = DateTimeOffset.UnixEpoch;
        var full = new NoticeBody
        {
            Id = "a", Kind = "b", At = now, Text = "c", Cluster = "d", Run = new NoticeRun("a", "b", "c", "d", "e", "f"), Actor = "g", Reason = new NoticeReason("a", "b", "c"),
            Gate = new NoticeGate("a", "b", "c", "d", 1, ["e"], now, "f"), Hold = new NoticeHold("a", now), Outcome = "h",
        };
        using var written = JsonDocument.Parse(full.Write());
        Assert.Equal(Names(written.RootElement, ""), Names(example.RootElement, ""));
    }

    private static IEnumerable<string> Names(JsonElement e, string at) =>
        e.ValueKind != JsonValueKind.Object ? [] : e.EnumerateObject().SelectMany(p => Names(p.Value, $"{at}/{p.Name}").Prepend($"{at}/{p.Name}")).Order(StringComparer.Ordinal);
}
