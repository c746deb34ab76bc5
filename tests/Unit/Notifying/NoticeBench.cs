using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Notifying;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Rollcall.Unit.Storage;
using Xunit;

namespace Rollcall.Unit.Notifying;

/// <summary>A journal with an outbox on a file, and a sender that tries when it is told to.</summary>
internal sealed class NoticeBench : IAsyncDisposable
{
    public const string Secret = "s3cret";

    private readonly TempDatabase _file;
    private readonly bool _ownsFile;
    private readonly Database _database;
    private readonly HttpClient _http = SignedHttp.Client();

    public NoticeBench(Uri? target, TempDatabase? file = null, string secret = "pager", string? url = null, ImmutableArray<string>? kinds = null, string publicUrl = "https://rollcall.example.org/")
    {
        (_file, _ownsFile) = (file ?? new TempDatabase(), file is null);
        Options = new NoticeOptions { Url = url ?? target?.ToString() ?? "", Secret = secret, PublicUrl = publicUrl, Kinds = kinds ?? NoticeKinds.All };
        _database = _file.Open();
        Outbox = new NoticeOutbox(_database, Options, Time);
        Journal = new Journal(_database, Outbox);
        Audit = new AuditLog(_database, Time);
        Webhooks = new WebhookOptions { Secrets = ImmutableDictionary<string, string>.Empty.Add("pager", Secret) };
        Sender = new NoticeSender(Outbox, new SignedHttp(_http, Webhooks, TimeProvider.System), Time, NullLogger<NoticeSender>.Instance);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 25, 3, 0, 0, TimeSpan.Zero));
    public NoticeOptions Options { get; }
    public WebhookOptions Webhooks { get; }
    public NoticeOutbox Outbox { get; }
    public Journal Journal { get; }
    public AuditLog Audit { get; }
    public NoticeSender Sender { get; }

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A stored run whose plan has a gate; its first line is written.</summary>
    public async Task<RunRow> RunAsync(Direction direction = Direction.Forward, string? rollbackOf = null, string id = "r1")
    {
        var plan = Make.Plan(Make.Cluster(2), gate: new GateSpec { Approvals = 2, Groups = ["dba"], Deadline = TimeSpan.FromHours(4) }) with { Id = $"p-{id}", Direction = direction, CreatedBy = "ann", CreatedAt = Time.GetUtcNow() };
        await Journal.StorePlanAsync(plan);
        var row = new RunRow { Id = id, PlanId = plan.Id, Cluster = plan.Cluster.ToString(), Origin = id, RollbackOf = rollbackOf, StartedBy = "ann", CreatedAt = Time.GetUtcNow() };
        Assert.Null(await Journal.CreateRunAsync(row, new JournalBatch(id, 1, Time.GetUtcNow(), [new RunStarted(plan.Id, plan.Hash) { Actor = "ann" }])));
        return row;
    }

    public Task AppendAsync(string run, params ImmutableArray<RunEvent> events) => Journal.AppendAsync(new JournalBatch(run, Journal.Load(run).Length + 1, Time.GetUtcNow(), events));

    public async Task<ImmutableArray<NoticeView>> AllAsync() => [.. (await Outbox.LatestAsync(100, Ct)).Reverse()];

    /// <summary>Tries everything that is due now; how many there were.</summary>
    public async Task<int> SendAsync()
    {
        var (due, _) = await Outbox.DueAsync(50, Ct);
        foreach (var row in due)
            await Outbox.TriedAsync(row, await Sender.TryAsync(row, Ct), spread: 0);
        return due.Count;
    }

    public NoticeRow Row(string key)
    {
        using var db = _database.Read();
        return db.Set<NoticeRow>().Single(n => n.Key == key);
    }

    public async ValueTask DisposeAsync()
    {
        await Sender.StopAsync(CancellationToken.None);
        Sender.Dispose();
        _http.Dispose();
        await _database.DisposeAsync();
        if (_ownsFile)
            _file.Dispose();
    }
}
