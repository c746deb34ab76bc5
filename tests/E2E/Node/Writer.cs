using System.Globalization;
using Xunit;

namespace Rollcall.E2E.Node;

/// <summary>What a client saw of one shard.</summary>
/// <param name="Lost">Acknowledged writes that are gone.</param>
/// <param name="PauseMs">The longest time between two acknowledgements, in milliseconds.</param>
internal sealed record Written(string Shard, int Acknowledged, int Lost, int PauseMs);

/// <summary>A client in a Pod of its own that writes all the time; its script is <c>/scripts/write.sh</c> there.</summary>
internal sealed class Writer(RealNode node, string space)
{
    public Task StartAsync() => RunAsync("start");

    public async Task<IReadOnlyList<Written>> StopAsync() =>
        [.. (await RunAsync("stop")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).Select(w => new Written(w[0], Number(w[1]), Number(w[2]), Number(w[3])))];

    public static void Report(string who, IEnumerable<Written> shards) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"{who}: {string.Join("; ", shards.Select(w => $"shard {w.Shard} {w.Acknowledged} writes acknowledged, {w.Lost} lost, longest pause {w.PauseMs} ms"))}");

    private Task<string> RunAsync(string what) => node.KubectlAsync("-n", space, "exec", "writer", "--", "sh", "/scripts/write.sh", what);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
