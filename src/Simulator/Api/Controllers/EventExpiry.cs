using System.Globalization;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Controllers;

/// <summary>Deletes Events after an hour, as every API server does: a demo may run for weeks.</summary>
internal sealed class EventExpiry(ObjectStore store, Deletions deletions, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    public async Task RunAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(ct))
            Sweep();
    }

    private void Sweep()
    {
        var oldest = time.GetUtcNow() - Lifetime;
        foreach (var item in store.Of(ResourceCatalog.Events).Live.Scan(null).Where(e => LastSeen(e) < oldest))
        {
            store.Transact(() =>
            {
                if (store.Find(item.Kind, item.Key)?.Version == item.Version)
                    deletions.Delete(item.Kind, item.Key, new());
                return 0;
            });
        }
    }

    private static DateTimeOffset LastSeen(StoredObject item)
    {
        var json = item.Parse();
        var text = json.Text("lastTimestamp") ?? json.Text("metadata", "creationTimestamp");
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var seen) ? seen : DateTimeOffset.MaxValue;
    }
}
