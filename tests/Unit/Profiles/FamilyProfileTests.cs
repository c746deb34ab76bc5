using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Profiles;

/// <summary>A toy cluster of each family, rolled by its own profile in the preview: components in the right order, leaders last, as many switchovers as the family needs and no more.</summary>
public sealed class FamilyProfileTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static TopologySnapshot Cluster(EngineProfile profile, string version, string to, ClusterKind kind, params string[] components) => new()
    {
        Cluster = new ClusterKey("demo", "toy"), Version = "e-1", Kind = kind, Profile = profile.Name, Phase = "Running", ObservedAt = Now,
        Components = [.. components.Select(c => Component(profile.For(c), c, version, to, kind))],
    };

    private static Component Component(EngineProfile profile, string name, string version, string to, ClusterKind kind)
    {
        var images = ImmutableSortedDictionary<string, string>.Empty.Add("main", $"example/{name}:{version}");
        var leads = profile.Roles.FirstOrDefault(r => r.Leads)?.Name;
        var follows = profile.Roles.Where(r => !r.Leads).OrderByDescending(r => r.Electable).Select(r => r.Name).FirstOrDefault();
        var kubeBlocks = kind == ClusterKind.Cluster;
        return new Component
        {
            Name = name, Version = version, Versions = [version], AvailableVersions = [to], Definitions = kubeBlocks ? ImmutableDictionary<string, string>.Empty.Add(to, "def-2") : ImmutableDictionary<string, string>.Empty,
            Workloads = [new Workload { Name = name, Uid = name, Shards = [name], Strategy = "RollingUpdate", TargetVersion = version, Observed = true, Settled = true, Replicas = 3, GraceSeconds = 300, Images = kubeBlocks ? ImmutableSortedDictionary<string, string>.Empty : images, ComponentDefinition = kubeBlocks ? "def-1" : "" }],
            Shards =
            [
                new Shard
                {
                    Name = name,
                    Instances = [.. Enumerable.Range(0, 3).Select(i => new Instance
                    {
                        Name = $"{name}-{i}", Ordinal = i, Uid = $"u-{name}-{i}", Version = version, Updated = true, Ready = true, ReadySince = Now.AddHours(-1), StartedAt = Now.AddHours(-1), Phase = "Running", Workload = name,
                        Images = kubeBlocks ? ImmutableSortedDictionary<string, string>.Empty : images, Role = i == 1 && leads is not null ? leads : follows ?? leads,
                    })],
                },
            ],
        };
    }

    private static Plan Roll(string name, string from, string to, ClusterKind kind, params string[] components)
    {
        var profile = ProfileLibrary.BuiltIn.Find(name)!;
        var cluster = Cluster(profile, from, to, kind, components);
        var spec = PlanSpecDefaults.For(cluster, profile, [.. components.Select(c => new ChangeSpec { Component = c, ServiceVersion = to })]);
        var text = PlanSpecWriter.ToYaml(spec);
        var read = PlanSpecReader.Read(text);
        Assert.True(read.Ok, read.Refusal?.Message);
        var built = PlanBuilder.Build(read.Value, text, cluster, profile, "p", "ann", Now);
        Assert.True(built.Ok, built.Refusal?.Message);
        return Previewer.Complete(built.Value, cluster, Now);
    }

    /// <summary>profile, from, to, on KubeBlocks, components as given, components as rolled, switchovers.</summary>
    public static TheoryData<string, string, string, bool, string, string, int> Families => new()
    {
        { "postgresql-streaming", "16.4", "16.6", true, "pgbouncer postgresql", "postgresql pgbouncer", 1 },
        { "redis-sentinel", "7.2.4", "7.2.5", false, "redis-sentinel redis", "redis redis-sentinel", 1 },
        { "mysql-group-replication", "8.4.2", "8.4.3", false, "router mysql", "mysql router", 0 },
        { "mysql-semisync", "8.0.36", "8.0.39", true, "proxysql mysql", "mysql proxysql", 1 },
        { "galera", "8.0.35", "8.0.36", false, "pxc haproxy", "haproxy pxc", 0 },
        { "etcd", "3.5.16", "3.5.17", false, "etcd", "etcd", 0 },
        { "zookeeper", "3.8.3", "3.9.2", false, "zookeeper", "zookeeper", 0 },
        { "elasticsearch", "8.14.1", "8.15.0", false, "master hot ingest warm", "warm hot ingest master", 0 },
        { "cassandra", "4.1.3", "4.1.7", false, "rack1", "rack1", 0 },
        { "vitess", "19.0.4", "20.0.1", false, "vtgate vtctld tablets", "tablets vtctld vtgate", 1 },
        { "tidb", "8.1.0", "8.1.1", false, "tidb tikv pd tiflash", "pd tiflash tikv tidb", 1 },
        { "clickhouse", "24.3.5", "24.8.4", false, "keeper clickhouse", "clickhouse keeper", 0 },
        { "rabbitmq", "3.12.14", "3.13.7", false, "rabbitmq", "rabbitmq", 0 },
        { "cockroachdb", "24.1.2", "24.2.0", false, "cockroachdb", "cockroachdb", 0 },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void Preview_ToyCluster_OrderAndSwitchoversAreTheFamilys(string profile, string from, string to, bool kubeBlocks, string components, string order, int switchovers)
    {
        var plan = Roll(profile, from, to, kubeBlocks ? ClusterKind.Cluster : ClusterKind.StatefulSetGroup, components.Split(' '));

        Assert.DoesNotContain(plan.Findings, f => f.Severity == Severity.Error);
        var replaced = plan.Steps.Where(s => s.Kind == StepKind.Replace).ToList();
        Assert.Equal(order.Split(' '), replaced.Select(s => s.Component).Distinct());
        Assert.Equal(components.Split(' ').Length * 3, replaced.Count);
        Assert.Equal(switchovers, plan.Totals.Switchovers);
        foreach (var component in order.Split(' '))
        {
            if (!ProfileLibrary.BuiltIn.Find(profile)!.For(component).HasLeader)
                continue;
            // Member 1 led: it goes last.
            Assert.Equal($"{component}-1", replaced.Last(s => s.Component == component).Instance);
        }
    }

    [Fact]
    public void Families_AreAllThereAre_ButThoseWithTestsOfTheirOwn()
    {
        string[] others = ["generic", "kafka-kraft", "mongodb", "mongodb-sharded", "postgresql-patroni", "redis-cluster"];

        Assert.Equal(ProfileLibrary.BuiltIn.All.Select(p => p.Name).Except(others).Order(StringComparer.Ordinal), Families.Select(f => f.Data.Item1).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("postgresql-streaming", "16.4", "16.6", "postgresql")]
    [InlineData("mysql-semisync", "8.0.36", "8.0.39", "mysql")]
    public void StatefulSet_WhereNobodyOffersASwitchover_IsRefused(string profile, string from, string to, string component) =>
        Assert.Contains(Roll(profile, from, to, ClusterKind.StatefulSetGroup, component).Findings, f => f is { Severity: Severity.Error, Rule: SwitchoverAvailable.Name });

    [Theory]
    [InlineData("etcd", "3.4.30", "3.6.1", VersionStep.Name)]
    [InlineData("etcd", "3.6.1", "3.5.17", FormatCompatible.Name)]
    [InlineData("elasticsearch", "8.15.0", "8.14.1", FormatCompatible.Name)]
    [InlineData("tidb", "8.1.1", "8.1.0", FormatCompatible.Name)]
    [InlineData("rabbitmq", "3.11.28", "3.13.7", VersionStep.Name)]
    [InlineData("mysql-group-replication", "8.4.3", "8.0.39", FormatCompatible.Name)]
    [InlineData("mysql-group-replication", "5.7.44", "8.0.39", VersionStep.Name)]
    [InlineData("postgresql-streaming", "16.4", "17.1", VersionStep.Name)]
    [InlineData("vitess", "18.0.1", "20.0.1", VersionStep.Name)]
    public void Hop_ThatTheMakersRuleOut_IsRefused(string profile, string from, string to, string rule) =>
        Assert.Contains(Roll(profile, from, to, ClusterKind.StatefulSetGroup, profile is "tidb" ? "tidb" : "db").Findings, f => f.Severity == Severity.Error && f.Rule == rule);

    [Theory]
    [InlineData("", "quay.io/coreos/etcd:v3.5.17", "etcd")]
    [InlineData("", "zookeeper:3.9.2", "zookeeper")]
    [InlineData("", "docker.elastic.co/elasticsearch/elasticsearch:8.15.0", "elasticsearch")]
    [InlineData("", "opensearchproject/opensearch:2.15.0", "elasticsearch")]
    [InlineData("", "cassandra:4.1.7", "cassandra")]
    [InlineData("", "rabbitmq:3.13.7-management", "rabbitmq")]
    [InlineData("", "cockroachdb/cockroach:v24.2.0", "cockroachdb")]
    [InlineData("", "clickhouse/clickhouse-server:24.8", "clickhouse")]
    [InlineData("", "pingcap/tikv:v8.1.1", "tidb")]
    [InlineData("", "vitess/vttablet:v20.0.1", "vitess")]
    [InlineData("", "percona/percona-xtradb-cluster:8.0.36", "galera")]
    [InlineData("redis-7-1.0.0", "", "redis-sentinel")]
    [InlineData("redis-sentinel-7-1.0.0", "", "redis-sentinel")]
    [InlineData("redis-cluster-7-1.0.0", "", "redis-cluster")]
    [InlineData("mysql-8.0-1.0.0", "", "mysql-semisync")]
    [InlineData("vanilla-postgresql-15", "", "postgresql-streaming")]
    [InlineData("", "mysql:8.4", "generic")]
    [InlineData("", "postgres:16.4", "generic")]
    public void Resolve_FindsTheFamily_AndDoesNotGuess(string definition, string image, string expected) =>
        Assert.Equal(expected, ProfileLibrary.BuiltIn.Resolve(null, [definition], [image]).Name);

    [Fact]
    public void Text_EveryProfile_SaysWhereItsFactsComeFrom()
    {
        foreach (var profile in ProfileLibrary.BuiltIn.All.Where(p => p.Name != ProfileLibrary.Generic))
        {
            Assert.Contains("# source:", profile.Text, StringComparison.Ordinal);
            Assert.NotEmpty(profile.Versions.Source);
            Assert.NotEmpty(profile.Rollback.Note);
        }
    }
}
