using Rollcall.Simulator.Scenarios;
using Xunit;

namespace Rollcall.Unit.Simulator;

public sealed class ScenarioLoaderTests
{
    [Fact]
    public void BuiltIn_AllLoad()
    {
        Assert.Equal(["demo", "documents", "kubeblocks", "large", "restless", "small"], ScenarioLoader.BuiltIn);
        Assert.All(ScenarioLoader.BuiltIn, name => Assert.Equal(name, ScenarioLoader.Load(name).Name));
    }

    [Fact]
    public void Demo_LeadersAreNotAllOnOrdinalZero()
    {
        var shards = ScenarioLoader.Load("demo").StatefulSets.Single(g => g.Cluster == "orders").AllShards;

        Assert.Equal(4, shards.Count);
        Assert.True(shards.Select(s => s.FirstLeader).Distinct().Count() > 1);
    }

    [Fact]
    public void Extension_TakesTheOthersClusterAndAddsItsIncidents()
    {
        var (demo, restless) = (ScenarioLoader.Load("demo"), ScenarioLoader.Load("restless"));

        Assert.Equal(demo.StatefulSets.Select(g => g.Cluster), restless.StatefulSets.Select(g => g.Cluster));
        Assert.Empty(demo.Incidents);
        Assert.NotEmpty(restless.Incidents);
    }

    [Theory]
    [InlineData("name: mine\nextends: mine\n", "extends itself")]
    [InlineData("name: x\nspeeed: 2\n", "line 2")]
    [InlineData("timings: { create: soon }\n", "\"soon\" is not a duration")]
    [InlineData("incidents: [ { do: earthquake } ]\n", "incident \"earthquake\" is unknown")]
    [InlineData("statefulSets: [ { cluster: x, container: c, image: i:1 } ]\n", "x needs shards or shardCount")]
    [InlineData("statefulSets: [ { cluster: x, container: c, image: i:1, shards: [ { name: a, workload: x-a, hidden: [3] } ] } ]\n", "x-a has no member 3; there are 3")]
    [InlineData("statefulSets: [ { cluster: x, container: c, image: i:1, shards: [ { name: a, workload: x-a, arbiters: [0] } ] } ]\n", "x-a-0 cannot lead first")]
    [InlineData("incidents: [ { do: lag, seconds: 3 } ]\n", "incident \"lag\" needs pod")]
    [InlineData("incidents: [ { do: badImage } ]\n", "incident \"badImage\" needs tag")]
    [InlineData("statefulSets: [ { cluster: x, container: c, image: i:1, shards: [ { name: a, workload: x-a } ] } ]\nincidents: [ { do: failover, cluster: x, shard: b } ]\n", "names shard b of x, which is none of a")]
    public void Mistake_IsNamedWithItsPlace(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Throws<ScenarioException>(() => ScenarioLoader.Parse(yaml, "mine.yaml")).Message, StringComparison.Ordinal);

    [Fact]
    public void UnknownName_ListsWhatThereIs() =>
        Assert.Contains("demo, documents, kubeblocks, large, restless, small", Assert.Throws<ScenarioException>(() => ScenarioLoader.Load("none")).Message, StringComparison.Ordinal);

    [Fact]
    public void Durations_TakeMillisecondsSecondsAndMinutes()
    {
        var timings = ScenarioLoader.Parse("timings: { create: 250ms, ready: 1.5s, backOff: 2m, terminate: 0 }\n", "mine.yaml").Timings;

        Assert.Equal((250, 1500, 120_000, 0), (timings.Create.TotalMilliseconds, timings.Ready.TotalMilliseconds, timings.BackOff.TotalMilliseconds, timings.Terminate.TotalMilliseconds));
    }
}
