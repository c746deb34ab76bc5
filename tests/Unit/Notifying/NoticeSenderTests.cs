using System.Security.Cryptography;
using System.Text;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Notifying;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Execution;
using Rollcall.Unit.Storage;
using Xunit;

namespace Rollcall.Unit.Notifying;

/// <summary>What leaves the house, over real HTTP to a receiver on loopback.</summary>
public sealed class NoticeSenderTests
{
    private static readonly GateOpened Opened = new("redis.rest.gate", "redis", "rest", null);

    [Fact]
    public async Task Notice_Arrives_SignedWithItsKeyAndItsBody()
    {
        await using var receiver = await LoopbackReceiver.StartAsync();
        await using var bench = new NoticeBench(receiver.Url);
        await bench.RunAsync();
        await bench.AppendAsync("r1", Opened);

        Assert.Equal(1, await bench.SendAsync());

        var got = Assert.Single(receiver.Requests);
        Assert.Equal(("r1-2", bench.Row("r1-2").Body, "application/json"), (got.Key, got.Body, got.ContentType));
        Assert.True(Genuine(got));
        Assert.False(Genuine(got with { Body = got.Body + " " }));
        var notice = Assert.Single(await bench.AllAsync());
        Assert.Equal((NoticeState.Delivered, 1, "127.0.0.1 answered 204."), (notice.State, notice.Tries, notice.Outcome));
        Assert.Equal(0, await bench.SendAsync());
    }

    /// <summary>docs/notifications.md, "Checking the signature", line for line.</summary>
    private static bool Genuine(LoopbackReceiver.Arrived got)
    {
        var parts = got.Signature.Split(',').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(NoticeBench.Secret), (byte[])[.. Encoding.UTF8.GetBytes(parts["t"]), (byte)'.', .. Encoding.UTF8.GetBytes(got.Body)]);
        return CryptographicOperations.FixedTimeEquals(expected, Convert.FromHexString(parts["v1"]));
    }

    [Fact]
    public async Task Receiver_ThatIsBrokenAndThenWell_GetsTheSameKeyAndBodyAgainAfterGrowingPauses()
    {
        await using var receiver = await LoopbackReceiver.StartAsync();
        receiver.Answers.Enqueue((500, null, "database is down\nstack"));
        receiver.Answers.Enqueue((503, "40", ""));
        receiver.Answers.Enqueue((302, null, ""));
        await using var bench = new NoticeBench(receiver.Url);
        await bench.RunAsync();
        await bench.AppendAsync("r1", Opened);

        Assert.Equal(1, await bench.SendAsync());
        var notice = Assert.Single(await bench.AllAsync());
        Assert.Equal((NoticeState.Waiting, 1, bench.Time.GetUtcNow().AddSeconds(5)), (notice.State, notice.Tries, notice.NextAt));
        Assert.Equal("127.0.0.1 answered 500 Internal Server Error: database is down.", notice.Outcome);
        Assert.Equal(0, await bench.SendAsync());
        bench.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, await bench.SendAsync());
        Assert.Equal(bench.Time.GetUtcNow().AddSeconds(40), Assert.Single(await bench.AllAsync()).NextAt); // its own wish
        bench.Time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(1, await bench.SendAsync());
        bench.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(1, await bench.SendAsync());

        Assert.Equal((NoticeState.Delivered, 4), (Assert.Single(await bench.AllAsync()) is var last ? (last.State, last.Tries) : default));
        Assert.Equal(4, receiver.Requests.Count);
        Assert.Single(receiver.Requests.Select(r => (r.Key, r.Body)).Distinct());
        Assert.Equal([("approval-needed", "delivered", 1L), ("approval-needed", "failed", 3L)], bench.Outbox.Tally.Order());
    }

    [Fact]
    public async Task Receiver_ThatNeverTakesIt_IsGivenUpAndSentAgainOnRequestUnderTheSameKey()
    {
        await using var receiver = await LoopbackReceiver.StartAsync();
        for (var i = 0; i < NoticeOutbox.MostTries; i++)
            receiver.Answers.Enqueue((500, null, ""));
        await using var bench = new NoticeBench(receiver.Url);
        await bench.RunAsync();
        await bench.AppendAsync("r1", Opened);
        var began = bench.Time.GetUtcNow();
        for (var i = 0; i < NoticeOutbox.MostTries; i++)
        {
            Assert.Equal(1, await bench.SendAsync());
            if (Assert.Single(await bench.AllAsync()).NextAt is { } next)
                bench.Time.SetUtcNow(next);
        }
        Assert.InRange(bench.Time.GetUtcNow() - began, TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(90));
        var dead = Assert.Single(await bench.AllAsync());
        Assert.Equal((NoticeState.Dead, (DateTimeOffset?)null), (dead.State, dead.NextAt));
        Assert.EndsWith("Given up after 12 tries.", dead.Outcome, StringComparison.Ordinal);
        bench.Time.Advance(TimeSpan.FromHours(5));
        Assert.Equal(0, await bench.SendAsync());

        var notices = new Notices(bench.Outbox, bench.Audit, new EngineOptions());
        Assert.Equal(RefusalKind.Forbidden, (await notices.SendAgainAsync("r1-2", Bench.Ann)).Refusal!.Kind);
        Assert.Equal(RefusalKind.NotFound, (await notices.SendAgainAsync("none", Caller.System)).Refusal!.Kind);
        Assert.True((await notices.SendAgainAsync("r1-2", Caller.System)).Ok);
        Assert.Equal(1, await bench.SendAsync());
        Assert.Equal(NoticeState.Delivered, Assert.Single(await bench.AllAsync()).State);
        Assert.Equal(RefusalKind.Conflict, (await notices.SendAgainAsync("r1-2", Caller.System)).Refusal!.Kind);
        Assert.Single(receiver.Requests.Select(r => r.Key).Distinct());
    }

    [Fact]
    public async Task Kill_BetweenCommitAndSend_NextStartSendsIt()
    {
        await using var receiver = await LoopbackReceiver.StartAsync();
        using var file = new TempDatabase();
        await using (var first = new NoticeBench(receiver.Url, file))
        {
            await first.RunAsync();
            await first.AppendAsync("r1", Opened);
        }
        Assert.Empty(receiver.Requests);
        await using var second = new NoticeBench(receiver.Url, file);
        await SentByItselfAsync(second, receiver, 1);
        Assert.Equal("r1-2", Assert.Single(receiver.Requests).Key);
    }

    [Fact]
    public async Task Kill_BetweenAnswerAndNote_SendsItAgainUnderTheSameKey()
    {
        await using var receiver = await LoopbackReceiver.StartAsync();
        using var file = new TempDatabase();
        await using (var first = new NoticeBench(receiver.Url, file))
        {
            await first.RunAsync();
            await first.AppendAsync("r1", Opened);
            var (due, _) = await first.Outbox.DueAsync(50, NoticeBench.Ct);
            Assert.True((await first.Sender.TryAsync(Assert.Single(due), NoticeBench.Ct)).Delivered); // and dies before it is written down
        }
        await using var second = new NoticeBench(receiver.Url, file);
        await SentByItselfAsync(second, receiver, 2);
        Assert.Equal(["r1-2", "r1-2"], receiver.Requests.Select(r => r.Key));
        Assert.Single(receiver.Requests.Select(r => r.Body).Distinct());
    }

    /// <summary>The background service itself: it must wake for what is written while it rests.</summary>
    [Fact]
    public async Task Sender_WhileItRests_WakesForWhatIsWritten()
    {
        await using var receiver = await LoopbackReceiver.StartAsync();
        await using var bench = new NoticeBench(receiver.Url);
        await bench.RunAsync();
        await bench.Sender.StartAsync(NoticeBench.Ct);
        await bench.AppendAsync("r1", Opened);
        await DeliveredAsync(bench, 1);
        await bench.AppendAsync("r1", new RunFinished(RunState.Succeeded, new Reason("Done.")));
        await DeliveredAsync(bench, 2);
        Assert.Equal(["r1-2", "r1-3"], receiver.Requests.Select(r => r.Key));
    }

    private static async Task SentByItselfAsync(NoticeBench bench, LoopbackReceiver receiver, int requests)
    {
        await bench.Sender.StartAsync(NoticeBench.Ct);
        await DeliveredAsync(bench, 1);
        Assert.Equal(requests, receiver.Requests.Count);
    }

    private static async Task DeliveredAsync(NoticeBench bench, int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(NoticeBench.Ct);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        for (;;)
        {
            var seen = bench.Outbox.Version;
            if ((await bench.AllAsync()).Count(n => n.State == NoticeState.Delivered) >= count)
                return;
            await bench.Outbox.WhenAfterAsync(seen, limit.Token);
        }
    }

    [Theory]
    [InlineData("http://hooks.example/x", "pager", "plain http to another machine")]
    [InlineData("file:///etc/passwd", "pager", "plain http to another machine")]
    [InlineData("https://hooks.example/x", "other", "no webhook secret 'other'")]
    public async Task Target_ThatOurOwnRulesForbid_IsNeverAskedAndSaysWhy(string url, string secret, string why)
    {
        await using var bench = new NoticeBench(null, url: url, secret: secret);
        await bench.RunAsync();
        await bench.AppendAsync("r1", Opened);
        Assert.Equal(1, await bench.SendAsync());
        var notice = Assert.Single(await bench.AllAsync());
        Assert.Equal(NoticeState.Dead, notice.State);
        Assert.Contains(why, notice.Outcome, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Target_IsShownWithoutItsPath()
    {
        await using var bench = new NoticeBench(null, url: "https://hooks.example:8443/services/T0/B0/geheim?token=1");
        Assert.Equal("https://hooks.example:8443/…", new Notices(bench.Outbox, bench.Audit, new EngineOptions()).Target.Target);
    }

    [Fact]
    public async Task Test_IsForAdminsAndStandsInTheAuditLog()
    {
        await using var receiver = await LoopbackReceiver.StartAsync();
        await using var bench = new NoticeBench(receiver.Url, kinds: [NoticeKinds.Finished]);
        var notices = new Notices(bench.Outbox, bench.Audit, new EngineOptions());
        Assert.Equal(RefusalKind.Forbidden, (await notices.TestAsync(Bench.Ann)).Refusal!.Kind);
        Assert.True((await notices.TestAsync(Caller.System)).Ok);
        Assert.Equal(1, await bench.SendAsync());
        Assert.Contains("\"kind\":\"test\"", Assert.Single(receiver.Requests).Body, StringComparison.Ordinal);
        var log = await bench.Audit.FindAsync(new AuditFilter(Action: "test-notification"), null, 10, NoticeBench.Ct);
        Assert.Equal([false, true], log.Entries.Select(e => e.Refused));
    }

    [Theory]
    [InlineData(1, 0, 5)]
    [InlineData(4, 0, 40)]
    [InlineData(4, 1, 32)]
    [InlineData(30, 0, 900)]
    public void Pause_GrowsAndHasAnEnd(int tries, double spread, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), NoticeOutbox.Pause(tries, null, spread));

    [Fact]
    public void Pause_ReceiverThatAsksForADay_WaitsAQuarterOfAnHour() => Assert.Equal(TimeSpan.FromMinutes(15), NoticeOutbox.Pause(1, TimeSpan.FromDays(1), 0));
}
