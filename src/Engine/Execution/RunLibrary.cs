using System.Collections.Concurrent;
using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>All runs: the active ones and those of this process as books, older ones as the summaries they left.</summary>
internal sealed class RunLibrary(Journal journal, ClusterCatalog catalog, EngineIdentity identity, TimeProvider time)
{
    /// <summary>How many ended runs are kept for lists; older ones are still found by id.</summary>
    public const int MostListed = 2000;
    private const int MostReopened = 32;

    private readonly ConcurrentDictionary<string, RunBook> _books = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RunView> _summaries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (long Seen, RunView View)> _views = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Queue<string> _reopened = new();

    public Cursor Changes { get; } = new();

    /// <summary>Hears what is written to any run.</summary>
    public RunNews? News { get; init; }

    /// <summary>Why active runs are not driven by this process, or null.</summary>
    public Reason? Standstill { get; set; }

    /// <summary>Change freezes that hold for every run.</summary>
    public ImmutableArray<WindowSpec> Freeze { get; set; } = [];

    /// <summary>People may approve what they made or started themselves.</summary>
    public bool SelfApproval { get; set; }

    public IEnumerable<RunBook> Active => _books.Values.Where(b => !b.Ledger.Terminal);

    /// <summary>Reads the list of ended runs. Unfinished ones are opened by whoever drives them.</summary>
    public void LoadList()
    {
        foreach (var row in journal.Runs(MostListed).Where(r => r.EndedAt is not null))
            if (Journal.ReadSummary(row) is { } summary)
                _summaries[row.Id] = summary;
            else if (Open(row) is { } book)
                _summaries[row.Id] = Draw(book) with { Steps = [] };
        Changes.Bump();
    }

    public RunBook? Find(string id)
    {
        if (_books.TryGetValue(id, out var book))
            return book;
        if (id.Length > 32 || journal.FindRun(id) is not { } row)
            return null;
        book = _books.GetOrAdd(id, Open(row)!);
        lock (_gate)
        {
            _reopened.Enqueue(id);
            if (_reopened.Count > MostReopened && _reopened.TryDequeue(out var oldest) && _books.TryGetValue(oldest, out var old) && old.Ledger.Terminal)
                _books.TryRemove(oldest, out _);
        }
        return book;
    }

    /// <summary>The run that holds the cluster now, wherever it is driven.</summary>
    public RunBook? ActiveOn(ClusterKey cluster)
    {
        var name = cluster.ToString();
        return Active.FirstOrDefault(b => b.Row.Cluster == name && b.Row.Origin == identity.Origin);
    }

    /// <summary>A run that has just been stored, or is found unfinished at start.</summary>
    public RunBook Add(RunRow row, Plan plan, Ledger ledger)
    {
        var book = new RunBook(row, plan, ledger, journal, time, identity.Owner, Changes) { News = News };
        _books[row.Id] = book;
        Changes.Bump();
        return book;
    }

    public RunBook? Open(RunRow row)
    {
        if (journal.FindPlan(row.PlanId) is not { } plan)
            return null;
        var book = new RunBook(row, plan, Ledger.Fold(journal.Load(row.Id).Select(e => (e.Seq, e.At, e.Event))), journal, time, identity.Owner, Changes) { News = News };
        if (journal.RollbacksOf(row.Id).FirstOrDefault(r => journal.FindPlan(r.PlanId) is { Partial: false }) is { } rollback)
            book.RolledBackBy = rollback.Id;
        return book;
    }

    public RunView View(RunBook book)
    {
        var seen = book.Viewed.Value;
        if (_views.TryGetValue(book.Id, out var had) && had.Seen == seen)
            return had.View;
        var view = Draw(book);
        _views[book.Id] = (seen, view);
        return view;
    }

    /// <summary>Newest first, without steps.</summary>
    public ImmutableArray<RunView> List()
    {
        var all = new Dictionary<string, RunView>(_summaries, StringComparer.Ordinal);
        foreach (var book in _books.Values)
            all[book.Id] = View(book) with { Steps = [] };
        return [.. all.Values.OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id, StringComparer.Ordinal)];
    }

    /// <summary>Keeps how the run ended, so that lists need not fold its journal again.</summary>
    public Task StoreSummaryAsync(RunBook book)
    {
        var summary = View(book) with { Steps = [] };
        _summaries[book.Id] = summary;
        return journal.StoreSummaryAsync(book.Id, summary);
    }

    private RunView Draw(RunBook book)
    {
        var ledger = book.Ledger;
        // While a run is active, its loop's picture is what its Reasons speak of; an ended run is seen with the cluster as it is.
        var live = catalog.Find(book.Plan.Cluster)?.Current;
        var topology = ledger.Terminal ? live : book.Outlook?.Topology ?? live;
        var rollback = book.RolledBackBy is not null ? null : book.Plan.Direction == Direction.Rollback ? RollForwardPlanner.Outlook(book.Plan, topology) : RollbackPlanner.Outlook(book.Plan, ledger, topology);
        var standstill = book.Row.Origin == identity.Origin ? Standstill : Elsewhere(book.Row);
        return RunProjection.View(new RunProjection.Sources(book.Row, book.Plan, ledger, book.Outlook?.Decision, topology, book.Obstacle, book.RolledBackBy, rollback, standstill, time.GetUtcNow(), SelfApproval) { Said = book.Said, Freeze = Freeze });
    }

    private static Reason Elsewhere(RunRow row) =>
        new($"This run belongs to the clusters of {row.Origin}.") { Next = "Start Rollcall with them and it goes on." };
}
