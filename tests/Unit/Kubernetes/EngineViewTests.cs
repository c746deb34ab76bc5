using System.Collections.Immutable;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

public sealed class EngineViewTests
{
    private static Instance Member(int i, string? label = null) => new() { Name = $"m-{i}", Uid = $"u-{i}", Version = "1", Updated = true, Ready = true, Phase = "Running", LabelRole = label };

    private static Reading Says(int i, string? role, long? position = null, double age = 1, string? error = null, string? uid = null) =>
        new() { At = Given.Noon.AddSeconds(-age), Uid = uid ?? $"u-{i}", Source = "redis-cli", Role = role, Position = position, Error = error };

    private static ImmutableArray<Instance> Apply(Instance[] members, params Reading?[] readings) => EngineView.Apply(
        new Shard { Name = "a", Instances = [.. members] }, Given.Redis, i => readings[int.Parse(i.Name[2..])], _ => Given.Noon.AddMinutes(-1), Given.Noon).Instances;

    [Fact]
    public void Role_FreshAnswer_WinsOverTheLabel()
    {
        var member = Apply([Member(0, "secondary")], Says(0, "master"))[0];
        Assert.Equal(("primary", "probe", Given.Noon.AddSeconds(-1)), (member.Role, member.RoleSource, member.RoleSeenAt!.Value));
    }

    [Theory]
    [InlineData(31, null, null)]
    [InlineData(1, "no answer", null)]
    [InlineData(1, null, "another-pod")]
    public void Role_AnswerTooOldFailedOrOfAnEarlierPod_LeavesTheLabel(double age, string? error, string? uid)
    {
        var member = Apply([Member(0, "secondary")], Says(0, "master", age: age, error: error, uid: uid))[0];
        Assert.Equal(("secondary", "label"), (member.Role, member.RoleSource));
        Assert.Equal(uid is null, member.Probe is not null);
    }

    [Fact]
    public void Role_NeitherAnswerNorLabel_IsUnknown() => Assert.Equal((null, ""), (Apply([Member(0)], [null])[0].Role, Apply([Member(0)], [null])[0].RoleSource));

    [Fact]
    public void Lag_IsTheDistanceToTheLeaderAndNeverNegative()
    {
        var members = Apply([Member(0), Member(1), Member(2)], Says(0, "master", 1000), Says(1, "slave", 900), Says(2, "slave", 1005));
        Assert.Equal([null, 100L, 0L], members.Select(m => m.LagBytes));
        Assert.Equal(["", "redis-cli", "redis-cli"], members.Select(m => m.LagSource));
    }

    [Fact]
    public void Lag_TwoLeadersOrNone_IsUnknown()
    {
        Assert.All(Apply([Member(0), Member(1), Member(2)], Says(0, "master", 1000), Says(1, "master", 1000), Says(2, "slave", 900)), m => Assert.Null(m.LagBytes));
        Assert.All(Apply([Member(0, "primary"), Member(1)], null, Says(1, "slave", 900)), m => Assert.Null(m.LagBytes));
    }

    [Fact]
    public void Reuse_NothingChanged_IsTheSameObjects()
    {
        TopologySnapshot Make(bool ready) => new()
        {
            Cluster = new ClusterKey("demo", "orders"), Version = "", Kind = ClusterKind.StatefulSetGroup, Profile = "p", Phase = "Running", ObservedAt = Given.Noon,
            Components = [new Component { Name = "c", Version = "1", Shards = [new Shard { Name = "a", Instances = [Member(0), Member(1) with { Ready = ready }] }, new Shard { Name = "b", Instances = [Member(2)] }] }],
        };
        var before = Make(true);
        var same = SnapshotReuse.Keep(before, Make(true));
        Assert.Same(before.Components[0], same.Components[0]);
        var changed = SnapshotReuse.Keep(before, Make(false)).Components[0];
        Assert.Same(before.Components[0].Shards[1], changed.Shards[1]);
        Assert.NotSame(before.Components[0].Shards[0], changed.Shards[0]);
        Assert.Same(before.Components[0].Shards[0].Instances[0], changed.Shards[0].Instances[0]);
    }
}
