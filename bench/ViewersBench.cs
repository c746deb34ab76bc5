using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Rollcall.Bench;

/// <summary>
/// 500 viewers of a 10,000-instance cluster at 4 Hz, 1 % churn a tick, the viewers in another process. Figures: event to applied p99 at most 500 ms, at most 150 KB of server memory a viewer, the
/// number of watches on the API server the same with 1 viewer and with 500.
/// </summary>
internal static class ViewersBench
{
    private const int Instances = 10_000;

    public static async Task RunAsync(int viewers, double seconds)
    {
        await using var server = await BenchServer.StartAsync(Instances);
        using var over = new CancellationTokenSource();
        var churn = Task.Run(() => server.ChurnAsync(Instances / 100, TimeSpan.FromMilliseconds(250), over.Token));

        var one = await SwarmAsync(server, 1, Math.Min(seconds, 15));
        var many = await SwarmAsync(server, viewers, seconds);
        await over.CancelAsync();
        await churn;

        var each = (many.Bytes - one.Bytes) / (double)(viewers - 1) / 1024;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"viewers: {Instances:N0} instances, {Instances / 100} changes 4 times a second"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  event to applied, ms: 1 viewer p50 {one.Figures.P50:0} p99 {one.Figures.P99:0}; {viewers} viewers p50 {many.Figures.P50:0} p99 {many.Figures.P99:0} worst {many.Figures.Worst:0} ({many.Figures.Frames:N0} frames, {many.Figures.Failures} lost a connection)"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  server memory: {each:0} KB a viewer (managed heap {one.Bytes / 1048576.0:0} -> {many.Bytes / 1048576.0:0} MB, working set {one.WorkingSet / 1048576.0:0} -> {many.WorkingSet / 1048576.0:0} MB)"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  watches on the API server: {one.Watches} with 1 viewer, {many.Watches} with {viewers}"));
    }

    private sealed record Measured(Swarm.Figures Figures, long Bytes, long WorkingSet, int Watches);

    private static async Task<Measured> SwarmAsync(BenchServer server, int viewers, double seconds)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false,
            ArgumentList = { "swarm", server.Url.ToString(), server.Token, BigCluster.Key.ToString(), viewers.ToString(CultureInfo.InvariantCulture), seconds.ToString(CultureInfo.InvariantCulture) },
        };
        if (Path.GetFileNameWithoutExtension(info.FileName) == "dotnet")
            info.ArgumentList.Insert(0, typeof(ViewersBench).Assembly.Location);
        using var swarm = Process.Start(info) ?? throw new InvalidOperationException("The swarm did not start.");
        _ = await LineAsync(swarm); // ready
        var figures = JsonSerializer.Deserialize<Swarm.Figures>(await LineAsync(swarm))!;
        var watches = server.Watches;
        var (bytes, workingSet) = MemoryBench.Now();
        var measured = new Measured(figures, bytes, workingSet, watches);
        await swarm.StandardInput.WriteLineAsync();
        await swarm.WaitForExitAsync();
        return measured;
    }

    private static async Task<string> LineAsync(Process swarm) => await swarm.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The swarm ended early.");
}
