using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.KubeBlocks;
using Rollcall.Engine.Kubernetes.Probing;
using Rollcall.Engine.Kubernetes.StatefulSets;
using Rollcall.Shared;
using Rollcall.Simulator.Api;

namespace Rollcall.Unit.Kubernetes;

/// <summary>An API server without controllers: objects stay as a test made them, so that each write can be looked at.</summary>
internal sealed class BareCluster : IAsyncDisposable, IExecHandler
{
    private BareCluster(SimulatedApiServer server, KubernetesConnection connection)
    {
        (Server, Connection) = (server, connection);
        StatefulSets = new StatefulSetDriver(connection, new PodExec(connection, TimeProvider.System), Given.Resolve, TimeProvider.System);
        KubeBlocks = new KubeBlocksDriver(connection, Given.Resolve, TimeProvider.System);
        server.SetExecHandler(this);
    }

    public SimulatedApiServer Server { get; }
    public KubernetesConnection Connection { get; }
    public StatefulSetDriver StatefulSets { get; }
    public KubeBlocksDriver KubeBlocks { get; }

    /// <summary>What commands in Pods answer; by default orders-0 leads.</summary>
    public Func<ExecRequest, ExecResult> Exec { get; set; } = r => new ExecResult(0, r.Pod == "orders-0" ? "role:master\nmaster_repl_offset:10\n" : "role:slave\nslave_repl_offset:10\n", "");

    public List<ExecRequest> Commands { get; } = [];

    public static async Task<BareCluster> StartAsync()
    {
        var server = await SimulatedApiServer.StartAsync(new SimulatedApiOptions(), TimeProvider.System, CancellationToken.None);
        var cluster = new BareCluster(server, KubernetesConnection.FromKubeconfigText(server.KubeconfigYaml, TimeProvider.System));
        await cluster.CreateAsync("/api/v1/namespaces", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"demo"} }""");
        return cluster;
    }

    public async Task<KubeObject> CreateAsync(string path, string body) => Checked(await Connection.PostAsync(path, body, CancellationToken.None));

    public async Task<KubeObject> GetAsync(KubeKind kind, string name) => Checked(await Connection.GetAsync(kind.Object("demo", name), CancellationToken.None));

    public Task<ApiAnswer> PatchAsync(KubeKind kind, string name, string merge) => Connection.PatchAsync(kind.Object("demo", name), merge, KubernetesConnection.MergePatch, CancellationToken.None);

    public Task<KubeObject> CreateSetAsync(string strategy = """{"type":"RollingUpdate","rollingUpdate":{"partition":0} }""", string annotations = "{}") => CreateAsync(KubeKind.StatefulSets.Collection("demo"), $$"""
        {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"orders","namespace":"demo","annotations":{{annotations}} },
         "spec":{"replicas":3,"serviceName":"orders","selector":{"matchLabels":{"app":"orders"} },"updateStrategy":{{strategy}},
                 "template":{"metadata":{"labels":{"app":"orders"} },"spec":{"containers":[{"name":"exporter","image":"exporter:1"},{"name":"redis","image":"redis:7.2.4"}]} } } }
        """);

    public async Task<KubeObject> CreatePodAsync(string name, bool ready = true, string role = "")
    {
        await CreateAsync(KubeKind.Pods.Collection("demo"), $$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"demo","labels":{"app":"orders","app.kubernetes.io/instance":"orders","kubeblocks.io/role":"{{role}}"} },
             "spec":{"nodeName":"node-1","containers":[{"name":"exporter","image":"exporter:1"},{"name":"redis","image":"redis:7.2.4"}]} }
            """);
        var state = ready ? """{"running":{"startedAt":"2026-08-20T11:00:00Z"} }""" : """{"waiting":{"reason":"ImagePullBackOff"} }""";
        return Checked(await Connection.PatchAsync(KubeKind.Pods.Object("demo", name) + "/status", $$"""
            {"status":{"phase":"{{(ready ? "Running" : "Pending")}}","conditions":[{"type":"Ready","status":"{{(ready ? "True" : "False")}}","lastTransitionTime":"2026-08-20T12:00:00Z"}],
             "containerStatuses":[{"name":"redis","image":"redis:7.2.4","imageID":"","ready":{{(ready ? "true" : "false")}},"restartCount":0,"state":{{state}} }]} }
            """, KubernetesConnection.MergePatch, CancellationToken.None));
    }

    public static ActContext Context(string run = "run-1", int attempt = 1, string component = "orders", string shard = "orders", string workload = "orders", ClusterKind kind = ClusterKind.StatefulSetGroup)
    {
        var images = ImmutableSortedDictionary<string, string>.Empty.Add("redis", "redis:7.2.4").Add("exporter", "exporter:1");
        Instance Member(int i) => new() { Name = $"{workload}-{i}", Uid = "?", Version = "7.2.4", Updated = true, Ready = true, Phase = "Running", Workload = workload, Images = images };
        return new ActContext(new ClusterKey("demo", "orders"), run, attempt, "us", Given.Redis, new TopologySnapshot
        {
            Cluster = new ClusterKey("demo", "orders"), Version = "", Kind = kind, Profile = Given.Redis.Name, Phase = "Running", ObservedAt = default,
            Components =
            [
                new Component
                {
                    Name = component, Version = "7.2.4",
                    Workloads = [new Workload { Name = workload, Uid = "", Shards = [shard], Strategy = "OnDelete", TargetVersion = "7.2.4", VersionContainer = "redis", Images = images }],
                    Shards = [new Shard { Name = shard, Instances = [Member(0), Member(1), Member(2)], Budget = new BudgetStatus("orders-pdb", 0) }],
                },
            ],
        });
    }

    public Task<ExecResult> ExecAsync(ExecRequest request, CancellationToken ct)
    {
        Commands.Add(request);
        return Task.FromResult(Exec(request));
    }

    public async ValueTask DisposeAsync()
    {
        Connection.Dispose();
        await Server.DisposeAsync();
    }

    private static KubeObject Checked(ApiAnswer answer) => answer.Ok ? answer.Object : throw new InvalidOperationException($"{(int)answer.Code} {answer.Message}");
}
