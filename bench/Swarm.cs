using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;

namespace Rollcall.Bench;

/// <summary>Many real SignalR clients in a process of their own. Each applies every frame to a picture of its own, acknowledges it, and notes how old the news in it was.</summary>
internal static class Swarm
{
    /// <summary>viewers, p50, p99, worst (ms), frames, failures.</summary>
    internal sealed record Figures(int Viewers, double P50, double P99, double Worst, long Frames, int Failures);

    /// <param name="arguments">url, token, cluster, viewers, seconds.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var (url, token, cluster) = (arguments[0], arguments[1], arguments[2]);
        var viewers = int.Parse(arguments[3], CultureInfo.InvariantCulture);
        var seconds = double.Parse(arguments[4], CultureInfo.InvariantCulture);
        using var over = new CancellationTokenSource();
        var all = Enumerable.Range(0, viewers).Select(_ => new Viewer(url, token, cluster)).ToArray();
        // A few at a time: the first picture is megabytes, and a storm of them is another measurement.
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (viewer, _) => await viewer.StartAsync(over.Token));
        Console.WriteLine("ready");
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
        foreach (var viewer in all)
            viewer.Measure = true;
        await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        foreach (var viewer in all)
            viewer.Measure = false;
        var ages = all.SelectMany(v => v.Ages).Order().ToArray();
        Console.WriteLine(JsonSerializer.Serialize(new Figures(viewers, At(ages, 0.5), At(ages, 0.99), ages.Length == 0 ? 0 : ages[^1], all.Sum(v => v.Frames), all.Count(v => v.Failed))));
        await Console.In.ReadLineAsync(); // stays connected until it is told to go, so that memory can be read
        await over.CancelAsync();
        await Task.WhenAll(all.Select(v => v.StopAsync()));
        return 0;
    }

    public static double At(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];

    private sealed class Viewer(string url, string token, string cluster)
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Dictionary<string, long> _picture = new(StringComparer.Ordinal);
        private readonly List<double> _ages = [];
        private HubConnection? _connection;
        private Task _watching = Task.CompletedTask;

        public bool Measure { get; set; }
        public bool Failed { get; private set; }
        public long Frames { get; private set; }
        public IReadOnlyList<double> Ages => _ages;

        public async Task StartAsync(CancellationToken ct)
        {
            _connection = new HubConnectionBuilder().WithUrl($"{url}hubs/live", o => o.AccessTokenProvider = () => Task.FromResult<string?>(token)).Build();
            await _connection.StartAsync(ct);
            _watching = WatchAsync(ct);
            await _first.Task;
        }

        public async Task StopAsync()
        {
            await _watching;
            if (_connection is not null)
                await _connection.DisposeAsync();
        }

        private async Task WatchAsync(CancellationToken ct)
        {
            try
            {
                await foreach (var frame in _connection!.StreamAsync<JsonElement>("WatchTopology", cluster, null, ct))
                {
                    var newest = Apply(frame);
                    if (Measure && newest > 0)
                    {
                        Frames++;
                        _ages.Add((TimeProvider.System.GetUtcNow().UtcTicks - newest) / (double)TimeSpan.TicksPerMillisecond);
                    }
                    _first.TrySetResult();
                    await _connection!.SendAsync("Ack", cluster, frame.GetProperty("version").GetString(), ct);
                }
                Failed |= !ct.IsCancellationRequested;
            }
            catch (OperationCanceledException)
            {
                // Told to go.
            }
            catch (Exception e)
            {
                await Console.Error.WriteLineAsync(e.Message);
                Failed = true;
                _first.TrySetResult();
            }
        }

        // The oldest stamp in the frame: the event that waited longest.
        private long Apply(JsonElement frame)
        {
            var oldest = 0L;
            if (!frame.TryGetProperty("upserts", out var upserts))
                return 0;
            foreach (var upsert in upserts.EnumerateArray())
            {
                var instance = upsert.GetProperty("instance");
                if (!instance.TryGetProperty("lagBytes", out var lag))
                    continue;
                var stamp = lag.GetInt64();
                _picture[instance.GetProperty("name").GetString()!] = stamp;
                if (oldest == 0 || stamp < oldest)
                    oldest = stamp;
            }
            return oldest;
        }
    }
}
