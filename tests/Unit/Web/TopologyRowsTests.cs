using System.Collections.Immutable;
using Rollcall.Shared;
using Rollcall.Web.Model;
using Xunit;

namespace Rollcall.Unit.Web;

public sealed class TopologyRowsTests
{
    private static readonly ImmutableHashSet<string> Open = [];

    private static ImmutableArray<TopologyRow> Rows(TopologySnapshot topology, RunView? run = null, IReadOnlySet<string>? collapsed = null, string search = "") =>
        TopologyRows.Build(topology, run, Pictures.Leads, collapsed ?? Open, search);

    [Fact]
    public void Build_OpenTree_HasEveryMemberBelowItsShardLeaderFirst()
    {
        var rows = Rows(Pictures.Cluster(Pictures.Shard("a", leader: 2), Pictures.Shard("b", leader: 0)));

        Assert.Equal(["redis", "a", "a-2", "a-1", "a-0", "b", "b-0", "b-1", "b-2"], rows.Select(r => r.Name));
        Assert.Equal([1, 2, 3, 3, 3, 2, 3, 3, 3], rows.Select(r => r.Level));
        Assert.All(rows.Where(r => r.Level == 3), r => Assert.Equal(3, r.SetSize));
        Assert.Equal([1, 2, 3], rows.Where(r => r.Parent == "redis/a").Select(r => r.Position));
    }

    [Fact]
    public void Build_CollapsedShard_YieldsNoMembersAndSaysSo()
    {
        var rows = Rows(Pictures.Cluster(Pictures.Shard("a", 0), Pictures.Shard("b", 0)), collapsed: new HashSet<string> { "redis/a" });

        Assert.DoesNotContain(rows, r => r.Parent == "redis/a");
        Assert.False(rows.Single(r => r.Key == "redis/a").Expanded);
        Assert.Equal(3, rows.Count(r => r.Parent == "redis/b"));
    }

    [Fact]
    public void Build_Search_OpensWhatFitsAndHidesTheRest()
    {
        var rows = Rows(Pictures.Cluster(Pictures.Shard("a", 0), Pictures.Shard("b", 0)), collapsed: new HashSet<string> { "redis", "redis/b" }, search: "B-1");

        Assert.Equal(["redis", "b", "b-1"], rows.Select(r => r.Name));
    }

    [Fact]
    public void Build_WaitingSwitchover_MarksBothMembersAndGivesTheShardItsReason()
    {
        var run = Pictures.Run(RunState.Waiting, Pictures.Step("1", StepKind.Switchover, "a", StepState.Waiting, from: "a-0", to: "a-1", reason: new Reason("a-1 is 14 s behind.")));
        var rows = Rows(Pictures.Cluster(Pictures.Shard("a", 0)), run);

        Assert.Equal("a-1 is 14 s behind.", rows.Single(r => r.Key == "redis/a").State.Word);
        Assert.Equal(["wait", "wait", "ok"], new[] { "a-0", "a-1", "a-2" }.Select(n => rows.Single(r => r.Name == n).State.Tone));
    }

    [Fact]
    public void Build_BrokenMember_StaysBrokenWhateverTheRunDoes()
    {
        var shard = Pictures.Shard("a", 0) with { Instances = [Pictures.Member("a-0", 0, ready: false, phase: "Pending", problem: "ImagePullBackOff")] };
        var rows = Rows(Pictures.Cluster(shard), Pictures.Run(RunState.Running, Pictures.Step("1", StepKind.Replace, "a", StepState.Running, "a-0")));

        Assert.Equal(new MemberState("bad", "ImagePullBackOff"), rows.Single(r => r.Level == 3).State);
        Assert.Equal("bad", rows.Single(r => r.Level == 2).State.Tone);
        Assert.Equal("bad", rows.Single(r => r.Level == 1).State.Tone);
    }

    [Fact]
    public void Build_EndedRun_ActsOnNobody()
    {
        var rows = Rows(Pictures.Cluster(Pictures.Shard("a", 0)), Pictures.Run(RunState.Aborted, Pictures.Step("1", StepKind.Replace, "a", StepState.Running, "a-1")));

        Assert.All(rows, r => Assert.Equal("ok", r.State.Tone));
    }
}
