using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Storage;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Rollcall.Unit.Storage;
using Xunit;

namespace Rollcall.Unit.Execution;

/// <summary>
/// The whole engine but Kubernetes: a real database file, the real Decide, a toy cluster behind hand-written driver, custody and prober, and a clock that moves when everybody waits for it.
/// </summary>
public sealed class Bench : IAsyncDisposable
{
    public static readonly Caller Ann = new("ann", [Caller.Operator, Caller.Approver], ["dba"]);
    public static readonly Caller Bob = new("bob", [Caller.Approver], ["dba"]);
    public static readonly Caller Cat = new("cat", [Caller.Approver], ["dba"]);
    public static readonly Caller Vic = new("vic", [Caller.Viewer], []);

    /// <summary>The running test's own token.</summary>
    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly TempDatabase _file;
    private readonly bool _ownsFile;
    private Database? _database;
    private RunSupervisor? _supervisor;

    public Bench(ToyCluster? toy = null, TempDatabase? file = null)
    {
        Toy = toy ?? new ToyCluster(1, shards: 1, members: 3, faults: 0, bad: "7.2.9-bad");
        (_file, _ownsFile) = (file ?? new TempDatabase(), file is null);
        Time = new FakeTimeProvider(Toy.Now);
        Custody = new FakeCustody();
        Driver = new FakeDriver(this);
        Prober = new FakeProber(this);
        Catalog = new ClusterCatalog();
        Store = Catalog.GetOrAdd(new ClusterKey("demo", "orders"), () => new TopologyStore(Toy.Show(), "e"));
        Catalog.SetReady();
    }

    public ToyCluster Toy { get; }
    public FakeTimeProvider Time { get; }
    public FakeCustody Custody { get; }
    public FakeDriver Driver { get; }
    public FakeProber Prober { get; }
    public FakeActions Actions { get; } = new();
    /// <summary>In place of <see cref="Actions"/>; set before the start.</summary>
    public IActionRunner? OtherActions { get; set; }
    public ClusterCatalog Catalog { get; }
    public TopologyStore Store { get; }
    public EngineOptions Options { get; } = new() { Owner = "me" };
    public Func<Func<DecisionState, Decision>>? Decider { get; set; }
    public Func<RollbackRequest, Result<Plan>>? RollbackPlan { get; set; }
    public Journal Journal { get; private set; } = null!;
    public IPersonAccess? Persons { get; set; }
    public AuditLog Audit { get; private set; } = null!;
    public Rollouts Rollouts { get; private set; } = null!;
    internal RunSupervisor Supervisor => _supervisor!;

    /// <summary>Starts the engine on the file; after <see cref="StopAsync"/> it may be started again.</summary>
    public async Task<Bench> StartAsync()
    {
        _database = _file.Open();
        Journal = new Journal(_database);
        var identity = EngineIdentity.Of(Options, _database);
        var library = new RunLibrary(Journal, Catalog, identity, Time) { SelfApproval = Options.AllowSelfApproval, Freeze = Options.Freeze, Standstill = Options.ReadOnly ? new Reason("Read-only.") : null };
        var planning = new Engine.Execution.Planning { Profile = name => name == Make.Redis.Name ? Make.Redis : null, Build = _ => new Refusal(RefusalKind.Invalid, "The bench builds its plans itself.") };
        if (RollbackPlan is { } rollback)
            planning = planning with { Rollback = rollback };
        var tools = new RunTools(Catalog, _ => Driver, Custody, Prober, Decider ?? planning.Decider, identity.Owner, Options.LeaseRenewal, Time, NullLogger.Instance) { Actions = OtherActions ?? Actions, Freeze = Options.Freeze };
        _supervisor = new RunSupervisor(library, Journal, tools, identity, Options);
        Rollouts = new Rollouts(library, _supervisor, Journal, Audit = new AuditLog(_database, Time), planning, tools, identity, Options, new TemplateStore(_database, Time)) { Persons = Persons };
        await _supervisor.StartAsync();
        return this;
    }

    public async Task StopAsync()
    {
        if (_supervisor is not null)
            await _supervisor.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        (_supervisor, _database) = (null, null);
    }

    public async ValueTask DisposeAsync()
    {
        Driver.Open();
        await StopAsync();
        if (_ownsFile)
            _file.Dispose();
    }

    /// <summary>Stores a plan for the cluster as it is and starts it.</summary>
    public async Task<string> RunAsync(string to = "7.2.5", GateSpec? gate = null, RollbackSpec? rollback = null, params HookSpec[] hooks)
    {
        var plan = Make.Hooked(Make.Plan(Toy.Show(), to: to, gate: gate, rollback: rollback), hooks) with { Id = Ids.New('p'), CreatedBy = "ann", CreatedAt = Time.GetUtcNow() };
        await Journal.StorePlanAsync(plan);
        return Accepted(await Rollouts.StartRunAsync(plan.Id, Ann, TestContext.Current.CancellationToken)).Id;
    }

    public static T Accepted<T>(Result<T> result)
    {
        Assert.True(result.Ok, result.Refusal?.Message);
        return result.Value;
    }

    public RunView View(string run) => Rollouts.GetRun(run)!;

    public Task<RunView> EndAsync(string run) => UntilAsync(run, v => v.Terminal);

    /// <summary>Lets time pass, whenever all wait for it, until the run looks so.</summary>
    public async Task<RunView> UntilAsync(string run, Func<RunView, bool> reached)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        var end = Time.GetUtcNow().AddHours(3);
        for (;;)
        {
            var view = View(run);
            if (reached(view))
                return view;
            Assert.False(limit.IsCancellationRequested, $"{view.State}: {view.Reason?.Text}");
            Assert.True(Time.GetUtcNow() < end, $"{view.State}: {view.Reason?.Text}");
            if (_supervisor?.LoopOf(run) is { Idle: true })
                Pass(TimeSpan.FromMilliseconds(500));
            else
                await Task.Yield();
        }
    }

    public void Pass(TimeSpan time)
    {
        Toy.Pass(time);
        Time.Advance(time);
        Publish();
    }

    public void Publish() => Store.Update(_ => Toy.Show());

    public ImmutableArray<RunEvent> Events(string run) => [.. Journal.Load(run).Select(e => e.Event)];
}

/// <summary>Acts on the toy cluster; can be told to answer otherwise, or to keep an act waiting.</summary>
public sealed class FakeDriver(Bench bench) : IWorkloadDriver
{
    private readonly Lock _gate = new();
    private volatile TaskCompletionSource? _closed;

    public ClusterKind Kind => ClusterKind.StatefulSetGroup;
    public ConcurrentQueue<(Act Act, ActContext Context)> Executed { get; } = new();
    public ConcurrentQueue<string> Reads { get; } = new();
    /// <summary>Called before an act takes effect; an answer other than null is given in its place.</summary>
    public Func<Act, ActContext, ActResult?> Before { get; set; } = (_, _) => null;
    /// <summary>Runs the effect itself; for looking at the cluster right before and after it.</summary>
    public Action<ActContext, Action> Around { get; set; } = (_, act) => act();
    public Func<ImmutableArray<Instance>, ImmutableArray<Instance>> Read { get; set; } = members => members;
    public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From now on acts take effect but their answer does not come back.</summary>
    public void Close() => _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _closed?.TrySetResult();

    public async Task<ActResult> ExecuteAsync(Act act, ActContext context, CancellationToken ct)
    {
        Executed.Enqueue((act, context));
        ActResult result;
        lock (_gate)
        {
            if (bench.Driver.Before(act, context) is { } said)
                return said;
            bench.Toy.Run = context.RunId;
            var status = ActStatus.Accepted;
            Around(context, () => status = bench.Toy.Do(act));
            result = new ActResult(status, new Reason($"{act.GetType().Name} done."));
            bench.Publish();
        }
        if (_closed is { } closed)
        {
            Reached.TrySetResult();
            await closed.Task.WaitAsync(ct);
        }
        return result;
    }

    public Task<ImmutableArray<Instance>> ReadShardAsync(TopologySnapshot topology, string component, string shard, CancellationToken ct)
    {
        Reads.Enqueue(shard);
        return Task.FromResult(Read(bench.Toy.Show().Components[0].Shards.First(s => s.Name == shard).Instances));
    }
}

/// <summary>
/// Actions that leave something behind under the name of their attempt, like a Job does: what was begun can be found again, and is begun once. It outlives the engine, as a cluster does.
/// </summary>
public sealed class FakeActions : IActionRunner
{
    private readonly ConcurrentDictionary<(string Step, int Attempt), int> _begun = new();

    /// <summary>How often each attempt was really begun.</summary>
    public IReadOnlyDictionary<(string Step, int Attempt), int> Begun => _begun;
    public ConcurrentQueue<string> Order { get; } = new();
    public Func<ActionAct, ActContext, ActResult> Answer { get; set; } = (_, _) => ActResult.Accepted("Done.") with { ExitCode = 0 };
    /// <summary>Awaited after it was begun, before the answer.</summary>
    public Func<ActionAct, CancellationToken, Task> While { get; set; } = (_, _) => Task.CompletedTask;

    public void Take(FakeActions other)
    {
        foreach (var (key, times) in other._begun)
            _begun[key] = times;
    }

    public void Begin(string step, int attempt) => _begun.AddOrUpdate((step, attempt), 1, (_, n) => n + 1);

    public async Task<ActResult> RunAsync(ActionAct act, ActContext context, OutputTail output, CancellationToken ct)
    {
        if (!_begun.ContainsKey((act.Step, context.Attempt)))
        {
            Begin(act.Step, context.Attempt);
            Order.Enqueue(act.Step);
        }
        output.Add($"{act.Spec.Verbatim} password=geheim\n");
        await While(act, ct);
        return Answer(act, context);
    }

    public string? Unmeasurable(AnalysisSpec analysis) => null;
}

public sealed class FakeCustody : ICustody
{
    public ConcurrentQueue<string> Renewals { get; } = new();
    private readonly TaskCompletionSource<ClusterKey> _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The cluster that was given back first; a run's end is told before.</summary>
    public Task<ClusterKey> Released => _released.Task;
    public Func<ActResult> Answer { get; set; } = () => ActResult.Accepted("Ours.");

    public Task<ActResult> AcquireAsync(ClusterKey cluster, string owner, string runId, CancellationToken ct)
    {
        Renewals.Enqueue(runId);
        return Task.FromResult(Answer());
    }

    public Task ReleaseAsync(ClusterKey cluster, string owner, CancellationToken ct)
    {
        _released.TrySetResult(cluster);
        return Task.CompletedTask;
    }
}

public sealed class FakeProber(Bench bench) : IProber
{
    public Task RequestAsync(ClusterKey cluster, ImmutableArray<ProbeRequest> requests, CancellationToken ct)
    {
        lock (bench.Toy)
        {
            bench.Toy.Answer(requests);
            bench.Publish();
        }
        return Task.CompletedTask;
    }
}
