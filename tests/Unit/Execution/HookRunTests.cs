using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Rollcall.Unit.Storage;
using Xunit;

namespace Rollcall.Unit.Execution;

public sealed class HookRunTests
{
    private static readonly HookSpec[] Hooks = [Make.Hook("first", HookPoints.BeforeStage), Make.Hook("save", HookPoints.BeforeInstance, "secondary"), Make.Hook("check", HookPoints.AfterSwitchover)];

    [Fact]
    public async Task Run_WithHooks_KeepsWhatTheySaidWithoutSecrets()
    {
        await using var bench = await new Bench().StartAsync();
        var run = await bench.RunAsync(hooks: Hooks);
        var view = await bench.EndAsync(run);

        Assert.Equal(RunState.Succeeded, view.State);
        Assert.Equal(["redis.all.hook.first", "redis.all.hook.save.shard-a", "redis.all.hook.save.shard-a", "redis.all.hook.check.shard-a"], bench.Actions.Order.Select(s => s.Contains("orders", StringComparison.Ordinal) ? s[..s.LastIndexOf('.')] : s));
        var first = view.Steps.First(s => s.Id == "redis.all.hook.first");
        Assert.Equal((StepState.Succeeded, "sh -c first password=•••\n"), (first.State, first.Output!.Tail));
        Assert.Equal(0, first.Output.ExitCode);
        Assert.Equal("exit code", Assert.Single(first.Evidence).What);
        Assert.All(bench.Driver.Executed, e => Assert.IsNotType<ActionAct>(e.Act));
    }

    [Fact]
    public async Task Hook_WhileItRuns_CanBeReadAlong()
    {
        await using var bench = await new Bench().StartAsync();
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.Actions.While = (_, _) => over.Task;
        var run = await bench.RunAsync(hooks: [Make.Hook("first", HookPoints.BeforeStage)]);
        await bench.UntilAsync(run, _ => !bench.Actions.Order.IsEmpty);
        StepView Step() => bench.View(run).Steps.First(s => s.Id == "redis.all.hook.first");
        for (var i = 0; i < 2000 && Step().Output is null; i++)
        {
            bench.Pass(TimeSpan.FromMilliseconds(300));
            await Task.Yield();
        }

        Assert.Equal((StepState.Running, "sh -c first password=•••\n"), (Step().State, Step().Output!.Tail));
        Assert.Null(Step().Output!.ExitCode);
        over.SetResult();
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
        Assert.Equal(0, Step().Output!.ExitCode);
    }

    [Fact]
    public async Task Hook_ThatFails_PausesAndRunsAgainOnRetry()
    {
        await using var bench = await new Bench().StartAsync();
        bench.Actions.Answer = (_, context) => context.Attempt < 3 ? ActResult.Failed("It failed.") with { ExitCode = 7 } : ActResult.Accepted("Done.") with { ExitCode = 0 };
        var run = await bench.RunAsync(hooks: [Make.Hook("first", HookPoints.BeforeStage) with { Action = new ActionSpec { Exec = new ExecAction { Command = ["x"] }, Retries = 1 } }]);
        var paused = await bench.UntilAsync(run, v => v.State == RunState.Paused);

        Assert.Equal("It failed.", paused.Reason!.Text);
        Assert.Equal([7, 7], paused.Steps.First(s => s.Kind == StepKind.Hook).Attempts.Select(a => a.ExitCode));
        Assert.Empty(bench.Toy.Replaced);
        Bench.Accepted(await bench.Rollouts.RetryAsync(run, "mended", Bench.Ann, Bench.Ct));
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
        Assert.Equal(3, bench.Actions.Begun.Count);
    }

    [Fact]
    public async Task Abort_WhileAHookRuns_DoesNotWaitForIt()
    {
        await using var bench = await new Bench().StartAsync();
        bench.Actions.While = (_, ct) => new TaskCompletionSource().Task.WaitAsync(ct);
        var run = await bench.RunAsync(hooks: [Make.Hook("first", HookPoints.BeforeStage)]);
        await bench.UntilAsync(run, _ => !bench.Actions.Order.IsEmpty);
        Bench.Accepted(await bench.Rollouts.AbortAsync(run, "enough", Bench.Ann, Bench.Ct));

        Assert.Equal(RunState.Aborted, (await bench.EndAsync(run)).State);
        Assert.All(bench.View(run).Obligations, o => Assert.True(o.Returned));
    }

    [Fact]
    public async Task Stop_WhileAHookRuns_NextStartFindsItAgain()
    {
        using var file = new TempDatabase();
        var toy = new ToyCluster(1, 1, 3, 0, null);
        var begun = new FakeActions();
        string run;
        await using (var first = new Bench(toy, file))
        {
            first.Actions.While = (_, ct) => new TaskCompletionSource().Task.WaitAsync(ct);
            await first.StartAsync();
            run = await first.RunAsync(hooks: Hooks);
            await first.UntilAsync(run, _ => !first.Actions.Order.IsEmpty);
            await first.StopAsync();
            begun.Take(first.Actions);
        }
        await using var second = new Bench(toy, file);
        second.Actions.Take(begun);
        await second.StartAsync();

        Assert.Equal(RunState.Succeeded, (await second.EndAsync(run)).State);
        Assert.All(second.Actions.Begun, b => Assert.Equal((1, 1), (b.Key.Attempt, b.Value)));
        Assert.DoesNotContain(second.Events(run), e => e is ActReturned { Status: ActStatus.Unknown });
    }

    /// <summary>The journal is cut after every line; where the line is a hook's intent, in two worlds: it was begun, or not. Each hook is begun once in all, and no attempt is counted twice.</summary>
    [Fact]
    public async Task Crash_BetweenAnyTwoJournalLines_EveryHookIsBegunOnce()
    {
        RunRow row;
        Plan plan;
        List<JournalEntry> full;
        var acts = new List<(int Line, ToyCluster Before, ToyCluster After)>();
        await using (var whole = new Bench(new ToyCluster(1, 1, 1, 0, null)))
        {
            whole.Driver.Around = (context, act) =>
            {
                var before = new ToyCluster(whole.Toy);
                act();
                acts.Add((whole.Journal.Load(context.RunId).Length, before, new ToyCluster(whole.Toy)));
            };
            await whole.StartAsync();
            var run = await whole.RunAsync(hooks: [Make.Hook("first", HookPoints.BeforeStage), Make.Hook("after", HookPoints.AfterInstance)]);
            Assert.Equal(RunState.Succeeded, (await whole.EndAsync(run)).State);
            row = whole.Journal.FindRun(run)!;
            plan = whole.Journal.FindPlan(row.PlanId)!;
            full = [.. whole.Journal.Load(run)];
            acts.Add((int.MaxValue, new ToyCluster(whole.Toy), new ToyCluster(whole.Toy)));
        }
        var intents = full.Where(e => e.Event is StepStarted { Kind: StepKind.Hook }).ToList();
        Assert.Equal(2, intents.Count);
        foreach (var intent in intents)
            for (var offset = -1; offset <= 2; offset++)
            {
                var cut = full.IndexOf(intent) + 1 + offset;
                foreach (var happened in offset == 0 ? new[] { true, false } : [offset > 0])
                {
                    // The cluster lives on while the engine is down; at the latest until the next act, which this engine never did.
                    var toy = acts.Find(a => a.Line == cut) is { After: { } after } ? after : acts.First(a => a.Line > cut).Before;
                    await ResumeAsync(row, plan, full, cut, (StepStarted)intent.Event, happened, new ToyCluster(toy) { Run = row.Id });
                }
            }
    }

    private static async Task ResumeAsync(RunRow row, Plan plan, List<JournalEntry> full, int cut, StepStarted hook, bool happened, ToyCluster toy)
    {
        using var file = new TempDatabase();
        await using (var database = file.Open())
        {
            var journal = new Journal(database);
            await journal.StorePlanAsync(plan);
            await journal.CreateRunAsync(new RunRow { Id = row.Id, PlanId = row.PlanId, Cluster = row.Cluster, Origin = row.Origin, StartedBy = row.StartedBy, CreatedAt = row.CreatedAt }, new JournalBatch(row.Id, 1, full[0].At, [full[0].Event]));
            await journal.AppendAsync([.. full.Take(cut).Skip(1).Select(entry => new JournalBatch(row.Id, entry.Seq, entry.At, [entry.Event]))]);
        }
        await using var bench = new Bench(toy, file);
        foreach (var earlier in full.Take(cut).Select(e => e.Event).OfType<StepStarted>().Where(s => s.Kind == StepKind.Hook && (s.Step != hook.Step || happened)))
            bench.Actions.Begin(earlier.Step, earlier.Attempt);
        await bench.StartAsync();
        var view = await bench.EndAsync(row.Id);

        var where = $"cut after line {cut}, {(happened ? "begun" : "not begun")}";
        Assert.True(view.State == RunState.Succeeded, $"{where}: {view.State}: {view.Reason?.Text}");
        Assert.True(bench.Actions.Begun.Count == 2 && bench.Actions.Begun.All(b => b is { Key.Attempt: 1, Value: 1 }), $"{where}: {string.Join(", ", bench.Actions.Begun)}");
    }
}
