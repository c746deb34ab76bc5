using System.Text.Json;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Web.Model.Reporting;
using Xunit;

namespace Rollcall.Components;

public sealed class ReportTests
{
    [Fact]
    public void Of_ApprovalPauseAndSlowStep_SaysWhoWhenWhyAndWhatWasOtherwise()
    {
        var run = Samples.Run(RunState.Succeeded, Samples.Gate(GateState.Approved)) with { EndedAt = Samples.T0.AddMinutes(5) };
        run = run with { Steps = [.. run.Steps.Select(s => s.Id == "a-0" ? s with { EndedAt = Samples.T0.AddSeconds(90), Attempt = 2 } : s)] };

        var report = RunReport.Of(run,
        [
            Line(1, new GateApproved("redis.rest.gate", Samples.Hash, "dba", "CHG-1201") { Actor = "ann" }),
            Line(2, new RunPaused(new Reason("orders-a-0 is not Ready."))),
            Line(3, new RunResumed(true, "node is back") { Actor = "olaf" }),
            Line(4, new ShardFinished("redis", "rest", "b")),
        ], Samples.T0.AddHours(1));

        Assert.Equal([("ann", "approved the gate before “rest” for dba", "CHG-1201")], report.Decisions.Select(d => (d.By, d.What, d.Why)));
        Assert.Equal([("rollcall", "paused", "orders-a-0 is not Ready."), ("olaf", "retried", "node is back")], report.Interventions.Select(d => (d.By, d.What, d.Why)));
        Assert.Equal(["Replace a-0: took 2 attempts.", "Replace a-0: took 1 m 30 s, planned 10 s."], report.Deviations);
        Assert.Equal(WritePause.NotMeasured, report.WritePause);
        Assert.Equal((300, 1, 2), (report.TookSeconds, report.Switchovers.Length, report.Members.Length));
    }

    [Fact]
    public void Handover_IsTheLastAttemptOfOneThatWorked_AndNotCalledAPauseOfWrites()
    {
        var run = Samples.Run(RunState.Succeeded);
        var one = run.Steps.First(s => s.Kind == StepKind.Switchover) with { State = StepState.Succeeded, Shard = "shard-a", StartedAt = Samples.T0, EndedAt = Samples.T0.AddSeconds(60) };
        StepView[] steps =
        [
            one with { Attempts = [new AttemptView(1, Samples.T0, Samples.T0.AddSeconds(30), "Failed", ""), new AttemptView(2, Samples.T0.AddSeconds(57.8), Samples.T0.AddSeconds(58), "Accepted", "")] },
            one with { Shard = "shard-b", EndedAt = Samples.T0.AddSeconds(1), Attempts = [] },
            one with { Shard = "shard-c", State = StepState.Failed, EndedAt = Samples.T0.AddSeconds(90), Attempts = [] },
        ];

        Assert.Equal(new HandoverSeen("shard-a", 2.2), WritePause.Longest(steps));
        Assert.Null(WritePause.Longest([]));
        var report = RunReport.Of(run with { Steps = [.. steps] }, [], Samples.T0);
        var text = ReportMarkdown.Write(report);
        Assert.Contains("| Longest write pause | not measured: no probe writes to the database during a run |", text, StringComparison.Ordinal);
        Assert.Contains("| Longest hand-over | 2.2 s in shard-a, from the request until exactly one member led again |", text, StringComparison.Ordinal);
        Assert.Contains("\"longestHandover\":{\"shard\":\"shard-a\",\"seconds\":2.2}", JsonSerializer.Serialize(report, JsonSerializerOptions.Web), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_MarkupInWhatPeopleTyped_StaysTextInItsCell()
    {
        var run = Samples.Run(RunState.Aborted, Samples.Gate(GateState.Rejected));

        var text = ReportMarkdown.Write(RunReport.Of(run, [Line(1, new GateRejected("redis.rest.gate", "no | <img src=x>\n# not now") { Actor = "ann" })], Samples.T0));

        Assert.Contains(@"| 2026-03-01 12:00:01 | ann | rejected the gate before “rest” | no \| \<img src=x\> \# not now |", text, StringComparison.Ordinal);
        Assert.Contains("## Pauses and commands\n\nNone.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_BypassedGate_StandsOnTopWithWhoAndWhy()
    {
        var gate = Samples.Gate(GateState.Bypassed) with { Insiders = [new GateInsider("ann", "made the plan")] };
        var report = RunReport.Of(Samples.Run(RunState.Succeeded, gate),
        [
            Line(1, new GateCommented("redis.rest.gate", "who is on call?") { Actor = "bob" }),
            Line(2, new GateApproved("redis.rest.gate", Samples.Hash, "dba,sre", "") { Actor = "ann", Invitation = "i1" }),
            Line(3, new GateBypassed("redis.rest.gate", Samples.Hash, "site *down*") { Actor = "root" }),
        ], Samples.T0);

        Assert.Equal(
            [("bob", "said at the gate before “rest”"), ("ann", "approved the gate before “rest” for dba, sre by a signed link (their own plan or run)"), ("root", "BYPASSED the gate before “rest” without the quorum")],
            report.Decisions.Select(d => (d.By, d.What)));
        Assert.Equal("site *down*", Assert.Single(report.Bypasses).Why);
        Assert.Contains("**root BYPASSED the gate before “rest” without the quorum**, 2026-03-01 12:00:03 UTC: site \\*down\\*\n", ReportMarkdown.Write(report), StringComparison.Ordinal);
    }

    private static RunEventView Line(long seq, RunEvent said) =>
        new(seq, Samples.T0.AddSeconds(seq), said.GetType().Name, said.StepId, said.Actor, JsonSerializer.Deserialize<JsonElement>(JournalJson.Write(said)));
}
