using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>Something outside the decision that keeps the run from going on for now: the API server does not answer, custody cannot be renewed, a fault.</summary>
internal sealed record Obstacle(Reason Reason, DateTimeOffset RetryAt, int Failures);

/// <summary>What the run's loop saw last; views are drawn from it.</summary>
internal sealed record Outlook(Decision Decision, TopologySnapshot? Topology);

/// <summary>
/// One run in memory: its plan and the fold of its journal. Whoever wants to write takes the turn, and holds it from looking to writing; so nobody decides on a ledger that has moved on.
/// </summary>
internal sealed class RunBook : IDisposable
{
    private readonly Journal _journal;
    private readonly TimeProvider _time;
    private readonly string _owner;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Ledger _ledger;
    private volatile Outlook? _outlook;
    private volatile Obstacle? _obstacle;
    private volatile string? _rolledBackBy;
    private readonly Cursor _all;
    private ImmutableDictionary<string, ActionOutput> _said = ImmutableDictionary<string, ActionOutput>.Empty;
    private long _shown;
    private bool _torn;

    public RunBook(RunRow row, Plan plan, Ledger ledger, Journal journal, TimeProvider time, string owner, Cursor all)
    {
        (Row, Plan, _ledger, _journal, _time, _owner, _all) = (row, plan, ledger, journal, time, owner, all);
    }

    public RunRow Row { get; }
    public Plan Plan { get; }
    public string Id => Row.Id;
    public Ledger Ledger => _ledger;
    public Outlook? Outlook => _outlook;
    public Obstacle? Obstacle => _obstacle;

    /// <summary>The run that rolled this one back.</summary>
    public string? RolledBackBy
    {
        get => _rolledBackBy;
        set
        {
            _rolledBackBy = value;
            Changed();
        }
    }

    /// <summary>Hears what was written, once it is on disk and folded.</summary>
    public RunNews? News { get; init; }

    /// <summary>Tells of lines whose ledger before them was <paramref name="before"/>.</summary>
    public void Tell(Ledger before, JournalBatch batch) => News?.Tell(new RunLines(Id, Row.RollbackOf, Plan, before, batch));

    /// <summary>Moves with the journal, obstacles and commands: what the loop wakes on.</summary>
    public Cursor Written { get; } = new();

    /// <summary>Moves with everything a viewer would see.</summary>
    public Cursor Viewed { get; } = new();

    public async Task<Turn> TakeTurnAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            if (_torn)
            {
                _ledger = Ledger.Fold(_journal.Load(Id).Select(e => (e.Seq, e.At, e.Event)));
                _torn = false;
            }
            return new Turn(this);
        }
        catch
        {
            _turn.Release();
            throw;
        }
    }

    /// <summary>What actions that run now have said so far, by step. Their last words are in the journal.</summary>
    public ImmutableDictionary<string, ActionOutput> Said => _said;

    /// <param name="output">Null: its end is written.</param>
    public void Say(string step, ActionOutput? output)
    {
        ImmutableInterlocked.Update(ref _said, static (said, a) => a.output is null ? said.Remove(a.step) : said.SetItem(a.step, a.output), (step, output));
        Changed();
    }

    /// <summary>What the loop decided and saw. Viewers hear of it only if it looks different.</summary>
    public void Show(Decision decision, TopologySnapshot? topology)
    {
        var looks = Looks(decision, topology, Plan);
        _outlook = new Outlook(decision, topology);
        if (Interlocked.Exchange(ref _shown, looks) != looks)
            Changed();
    }

    public void Meet(Obstacle? obstacle)
    {
        if (_obstacle == obstacle)
            return;
        _obstacle = obstacle;
        Changed();
        if (obstacle is not null)
            Written.Bump();
    }

    public void Dispose() => _turn.Dispose();

    private void Changed()
    {
        Viewed.Bump();
        _all.Bump();
    }

    private static long Looks(Decision decision, TopologySnapshot? topology, Plan plan)
    {
        var hash = new HashCode();
        hash.Add(decision.State);
        hash.Add(decision.Reason?.Text);
        foreach (var wait in decision.Waits)
        {
            hash.Add(wait.Step);
            hash.Add(wait.Reason.Text);
        }
        hash.Add(topology is null ? -1 : RunTotalsOf.Updated(plan, topology));
        return (uint)hash.ToHashCode() | 1L << 32;
    }

    /// <summary>The right to write this run's journal, until disposed.</summary>
    internal sealed class Turn(RunBook book) : IDisposable
    {
        public Ledger Ledger => book._ledger;

        /// <summary>Writes and folds. Not cancellable: half a write is none of a loop's business.</summary>
        public Task AppendAsync(params ImmutableArray<RunEvent> events) => WriteAsync(Prepare(events));

        /// <summary>The same for what a person caused; the audit log says in the same transaction how they came in.</summary>
        public Task AppendAsync(Caller by, params ImmutableArray<RunEvent> events) => WriteAsync(Prepare(events) with { By = by });

        private async Task WriteAsync(JournalBatch batch)
        {
            try
            {
                await book._journal.AppendAsync(batch);
            }
            catch
            {
                // Whether it is on disk is not known here; the next turn reads it from there.
                book._torn = true;
                throw;
            }
            Fold(batch);
        }

        /// <summary>The lines as they would be written now, for a transaction of several runs; <see cref="Fold"/> after it, <see cref="Tear"/> if it failed.</summary>
        public JournalBatch Prepare(ImmutableArray<RunEvent> events) =>
            new(book.Id, Ledger.Seq + 1, book._time.GetUtcNow(), Obligations.Accompany(book.Plan, Ledger, book._owner, events));

        public void Fold(JournalBatch batch)
        {
            var before = book._ledger;
            var ledger = before;
            var seq = batch.FirstSeq;
            foreach (var e in batch.Events)
                ledger = ledger.Apply(seq++, batch.At, e);
            book._ledger = ledger;
            book.Written.Bump();
            book.Changed();
            book.Tell(before, batch);
        }

        public void Tear() => book._torn = true;

        public void Dispose() => book._turn.Release();
    }
}
