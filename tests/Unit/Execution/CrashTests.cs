using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Rollcall.Unit.Storage;
using Xunit;

namespace Rollcall.Unit.Execution;

public sealed class CrashTests
{
    /// <summary>
    /// The journal is cut after every single line, in two worlds where the line is an intent: the act had its effect, or not. A fresh engine on the cut journal must bring the run to the same end
    /// without touching anybody twice.
    /// </summary>
    [Fact]
    public async Task Crash_BetweenAnyTwoJournalLines_ResumedRunActsOnceAndEndsTheSame()
    {
        RunRow row;
        Plan plan;
        List<JournalEntry> full;
        var acts = new List<(int Line, ToyCluster Before, ToyCluster After)>();
        await using (var whole = new Bench())
        {
            whole.Driver.Around = (context, act) =>
            {
                var before = new ToyCluster(whole.Toy);
                act();
                acts.Add((whole.Journal.Load(context.RunId).Length, before, new ToyCluster(whole.Toy)));
            };
            await whole.StartAsync();
            var run = await whole.RunAsync();
            Assert.Equal(RunState.Succeeded, (await whole.EndAsync(run)).State);
            row = whole.Journal.FindRun(run)!;
            plan = whole.Journal.FindPlan(row.PlanId)!;
            full = [.. whole.Journal.Load(run)];
            acts.Add((int.MaxValue, new ToyCluster(whole.Toy), new ToyCluster(whole.Toy)));
        }
        Assert.InRange(full.Count, 20, 200);
        for (var cut = 1; cut < full.Count; cut++)
        {
            if (full[cut].Event is ObligationReturned)
                continue; // written in one transaction with the line before it; no crash can come between
            // The cluster lives on while the engine is down; at the latest until the next act, which this engine never did.
            var next = acts.First(a => a.Line > cut);
            var at = acts.Find(a => a.Line == cut);
            if (at.After is null)
            {
                await ResumeAsync(row, plan, full, cut, new ToyCluster(next.Before), "");
                continue;
            }
            await ResumeAsync(row, plan, full, cut, new ToyCluster(at.Before), "the act did not happen");
            await ResumeAsync(row, plan, full, cut, new ToyCluster(at.After), "the act happened");
        }
    }

    private static async Task ResumeAsync(RunRow row, Plan plan, List<JournalEntry> full, int cut, ToyCluster toy, string world)
    {
        toy.Run = row.Id;
        var before = new Dictionary<string, int>(toy.Replaced, StringComparer.Ordinal);
        using var file = new TempDatabase();
        await using (var database = file.Open())
        {
            var journal = new Journal(database);
            await journal.StorePlanAsync(plan);
            await journal.CreateRunAsync(new RunRow { Id = row.Id, PlanId = row.PlanId, Cluster = row.Cluster, Origin = row.Origin, StartedBy = row.StartedBy, CreatedAt = row.CreatedAt }, new JournalBatch(row.Id, 1, full[0].At, [full[0].Event]));
            await journal.AppendAsync([.. full.Take(cut).Skip(1).Select(entry => new JournalBatch(row.Id, entry.Seq, entry.At, [entry.Event]))]);
        }
        await using var bench = await new Bench(toy, file).StartAsync();
        var view = await bench.EndAsync(row.Id);
        var where = $"cut after line {cut} ({full[cut - 1].Event.GetType().Name} {full[cut - 1].Event.StepId}) {world}";
        Assert.True(view.State == RunState.Succeeded, $"{where}: {view.State}: {view.Reason?.Text}");
        Assert.True(toy.Replaced.Count == 3 && toy.Replaced.Values.All(n => n == 1), $"{where}: replaced {string.Join(", ", toy.Replaced.Select(r => $"{r.Key} x{r.Value} (before: {before.GetValueOrDefault(r.Key)})"))}");
        Assert.True(toy.Switchovers == 1, $"{where}: {toy.Switchovers} switchovers");
        Assert.True(toy.Violations.Count == 0, $"{where}: {string.Join("; ", toy.Violations)}");
        Assert.All(view.Obligations, o => Assert.True(o.Returned, where));
    }

    [Fact]
    public async Task Stop_WhileAnActIsWithTheDriver_NextStartAsksTheClusterAndDoesNotRepeatIt()
    {
        using var file = new TempDatabase();
        var toy = new ToyCluster(1, 1, 3, 0, null);
        string run;
        await using (var first = new Bench(toy, file))
        {
            first.Driver.Before = (act, _) =>
            {
                if (act is ReplaceAct)
                    first.Driver.Close();
                return null;
            };
            await first.StartAsync();
            run = await first.RunAsync();
            await first.UntilAsync(run, _ => first.Driver.Reached.Task.IsCompleted);
            await first.StopAsync();
        }
        await using var second = await new Bench(toy, file).StartAsync();
        Assert.Equal(RunState.Succeeded, (await second.EndAsync(run)).State);
        Assert.Equal([1, 1, 1], toy.Replaced.Values);
        Assert.Contains(second.Events(run), e => e is ActReturned { Status: ActStatus.Unknown });
    }

    [Fact]
    public async Task Restart_AtAGate_KeepsTheApprovalGiven()
    {
        using var file = new TempDatabase();
        var toy = new ToyCluster(1, 2, 2, 0, null);
        string run;
        await using (var first = await new Bench(toy, file).StartAsync())
        {
            run = await first.RunAsync(gate: new GateSpec { Approvals = 2 });
            var open = await first.UntilAsync(run, v => v.Gates.Any(g => g.State == GateState.Open));
            Bench.Accepted(await first.Rollouts.ApproveAsync(run, open.Gates[0].Name, open.PlanHash, "fine", Bench.Cat, Bench.Ct));
        }
        await using var second = await new Bench(toy, file).StartAsync();
        var view = second.View(run);
        Assert.Equal("cat", Assert.Single(view.Gates[0].Approvals).By);
        Bench.Accepted(await second.Rollouts.ApproveAsync(run, view.Gates[0].Name, view.PlanHash, "me too", Bench.Bob, Bench.Ct));
        Assert.Equal(RunState.Succeeded, (await second.EndAsync(run)).State);
    }

    [Fact]
    public async Task Restart_OfTheDemo_ClosesItsUnfinishedRuns()
    {
        using var file = new TempDatabase();
        string run;
        await using (var first = new Bench(file: file))
        {
            first.Options.Origin = EngineOptions.DemoOrigin;
            await first.StartAsync();
            run = await first.RunAsync();
            await first.UntilAsync(run, v => v.Obligations.Length > 0);
        }
        await using var second = new Bench(file: file);
        second.Options.Origin = EngineOptions.DemoOrigin;
        await second.StartAsync();
        var view = second.View(run);
        Assert.Equal(RunState.Aborted, view.State);
        Assert.Contains("demo started anew", view.Reason!.Text, StringComparison.Ordinal);
        Assert.All(view.Obligations, o => Assert.True(o.Returned));
        await second.RunAsync();
    }

    [Fact]
    public async Task Restart_WithOtherClusters_RunIsShownButNotDriven()
    {
        using var file = new TempDatabase();
        string run;
        await using (var first = await new Bench(file: file).StartAsync())
            run = await first.RunAsync();
        await using var second = new Bench(file: file);
        second.Options.Origin = "https://elsewhere";
        await second.StartAsync();
        var view = second.View(run);
        Assert.Equal(RunState.Waiting, view.State);
        Assert.Contains("cluster", view.Reason!.Text, StringComparison.Ordinal);
        Assert.Equal(RefusalKind.Conflict, (await second.Rollouts.AbortAsync(run, "", Bench.Ann, Bench.Ct)).Refusal!.Kind);
        Assert.Empty(second.Driver.Executed);
    }
}
