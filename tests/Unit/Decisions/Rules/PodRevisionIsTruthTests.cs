using Rollcall.Engine.Decisions;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

/// <summary>Rule PodRevisionIsTruth, as <see cref="ShardContext.OnTarget"/> holds it.</summary>
public sealed class PodRevisionIsTruthTests
{
    [Theory]
    [InlineData("7.2.4", "7.2.4", true, false)] // before Retarget: the controller calls everybody updated
    [InlineData("7.2.5", "7.2.4", false, false)] // after Retarget
    [InlineData("7.2.5", "7.2.5", true, true)]
    [InlineData("7.2.5", "7.2.5", false, false)] // right image, older revision
    [InlineData("7.2.4", "7.2.5", false, true)] // the old version was written back: the Pod still runs the target
    [InlineData("7.2.4", "7.2.9", true, false)]
    public void OnTarget_ByTheRunningImagesAndTheRevision(string template, string runs, bool updated, bool onTarget)
    {
        var bench = new ShardBench { Template = template }.With(0, m => m.On(runs) with { Updated = updated });

        Assert.Equal(onTarget, bench.Context.OnTarget(bench[0]));
        Assert.Equal(!onTarget, bench.Context.Outdated(bench[0]));
    }

    [Fact]
    public void OnTarget_OneOfTwoContainersIsOld_IsOutdated()
    {
        var bench = new ShardBench { Template = "7.2.5" }.With(0, m => m.On("7.2.5"));
        var both = ShardBench.Images("7.2.5").Add("exporter", "exporter:2");
        bench.Plan = bench.Plan with { Components = [bench.Plan.Components[0] with { To = new VersionRef { Version = "7.2.5", Images = both } }] };

        Assert.True(bench.Context.Outdated(bench[0]));
        bench.With(0, m => m with { Images = both.SetItem("exporter", "exporter:1") });
        Assert.True(bench.Context.Outdated(bench[0]));
        bench.With(0, m => m with { Images = both });
        Assert.True(bench.Context.OnTarget(bench[0]));
    }

    [Theory]
    [InlineData("d-8", "d-8", true)]
    [InlineData("d-8", "d-7", false)]
    [InlineData("", "d-7", true)]
    [InlineData("d-8", "", true)]
    public void AsksFor_KubeBlocks_VersionAndDefinition(string wanted, string written, bool expected)
    {
        var workload = new Workload { Name = "redis", Uid = "u", Shards = [], Strategy = "OnDelete", TargetVersion = "8.0.1", ComponentDefinition = written };

        Assert.Equal(expected, ShardContext.AsksFor(workload, new VersionRef { Version = "8.0.1", ComponentDef = wanted }));
        Assert.False(ShardContext.AsksFor(workload with { TargetVersion = "7.2.4" }, new VersionRef { Version = "8.0.1", ComponentDef = wanted }));
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1 << 20, "1 MiB")]
    [InlineData(5L << 30, "5 GiB")]
    public void Bytes_InTheUnitThatFits(long bytes, string expected) => Assert.Equal(expected, ShardContext.Bytes(bytes));

    [Theory]
    [InlineData(0.5, "0.5 s")]
    [InlineData(119, "119 s")]
    [InlineData(120, "2 min")]
    [InlineData(7199, "120 min")]
    [InlineData(7200, "2 h")]
    [InlineData(9000, "2.5 h")]
    public void Duration_InTheUnitThatFits(double seconds, string expected) => Assert.Equal(expected, ShardContext.Duration(TimeSpan.FromSeconds(seconds)));
}
