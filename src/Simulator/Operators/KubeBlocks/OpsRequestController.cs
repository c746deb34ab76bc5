using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using Rollcall.Simulator.Operators.Machinery;
using Rollcall.Simulator.Operators.Nodes;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>
/// Runs OpsRequests: Pending (queue and phase check, unless forced) -> Creating (the action, once) -> Running (polled) -> Succeed or Failed,
/// Aborted when its time is over. What an operation does is in <see cref="OpsActions"/>.
/// </summary>
internal sealed class OpsRequestController : Controller
{
    private readonly IKubernetes _client;
    private readonly ObjectCache<KubeObject> _requests;
    private readonly ObjectCache<KubeObject> _clusters;
    private readonly OpsActions _actions;
    private readonly TimeSpan _poll;
    private readonly TimeProvider _time;

    public OpsRequestController(IKubernetes client, ObjectCache<KubeObject> requests, ObjectCache<KubeObject> clusters, OpsActions actions,
        TimeSpan poll, AlarmClock alarms, TimeProvider time, ILogger log)
        : base("opsrequest controller", alarms, log)
    {
        (_client, _requests, _clusters, _actions, _poll, _time) = (client, requests, clusters, actions, poll, time);
        requests.OnChange((before, after) => Enqueue(ObjectKey.Of((after ?? before)!)));
        clusters.OnChange((_, after) =>
        {
            foreach (var queued in after is null ? [] : OpsQueue.Of(after))
                Enqueue(ObjectKey.Of(after!.Metadata.NamespaceProperty, queued.Text("name")));
        });
    }

    protected override async Task ReconcileAsync(string key, CancellationToken ct)
    {
        if (_requests.Find(key) is not { } ops)
            return;
        var cluster = _clusters.Find(ObjectKey.Of(ops.Metadata.NamespaceProperty, ops.Spec.Text("clusterName")));
        var phase = ops.Status.Text("phase");
        if (phase is "Succeed" or "Failed" or "Aborted" or "Cancelled")
        {
            await LeaveAsync(ops, cluster, phase, ct);
            return;
        }
        if (cluster is null)
        {
            await EndAsync(ops, "Failed", $"cluster {ops.Spec.Text("clusterName")} not found", ct);
            return;
        }
        if (TimeLeft(ops) is { } left)
        {
            if (left <= TimeSpan.Zero)
            {
                await EndAsync(ops, "Aborted", $"Aborted due to exceeding the specified timeout period ({ops.Spec.Int("timeoutSeconds")}s)", ct);
                return;
            }
            EnqueueAfter(key, left);
        }
        await (phase switch
        {
            "" => AdmitAsync(ops, cluster, ct),
            "Pending" => WaitAsync(ops, cluster, ct),
            "Creating" => ActAsync(ops, cluster, ct),
            _ => PollAsync(ops, cluster, ct),
        });
    }

    private async Task AdmitAsync(KubeObject ops, KubeObject cluster, CancellationToken ct)
    {
        var type = ops.Spec.Text("type");
        var forced = ops.Spec.Bool("force") && !ops.Spec.Bool("enqueueOnForce");
        if (OpsQueue.Queues(type) && OpsQueue.Of(cluster).All(q => q.Text("name") != ops.Metadata.Name))
            await OpsQueue.AddAsync(_client, cluster, ops, waits: !forced && OpsQueue.Of(cluster).Count > 0, ct);
        await _client.PatchAsync(ResourceKind.OpsRequest, ObjectKey.Of(ops), new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["labels"] = new JsonObject { [Keys.Instance] = cluster.Metadata.Name, [Keys.OpsType] = type, [Keys.ManagedBy] = "kubeblocks" },
                ["ownerReferences"] = KubeBlocksObjects.Owner(ResourceKind.Cluster, cluster),
            },
        }, ct);
        await StatusAsync(ops, new()
        {
            ["phase"] = "Pending", ["progress"] = "-/-", ["clusterGeneration"] = cluster.Metadata.Generation ?? 1,
            ["conditions"] = Conditions(ops, ("WaitForProgressing", true, "WaitForProgressing", "wait for the controller to process the OpsRequest")),
        }, ct);
    }

    private async Task WaitAsync(KubeObject ops, KubeObject cluster, CancellationToken ct)
    {
        if (ops.Spec.Bool("cancel"))
        {
            await EndAsync(ops, "Cancelled", "the OpsRequest was cancelled while it was pending", ct);
            return;
        }
        var forced = ops.Spec.Bool("force") && !ops.Spec.Bool("enqueueOnForce");
        var queue = OpsQueue.Of(cluster);
        if (!forced && OpsQueue.Queues(ops.Spec.Text("type")) && queue.Any(q => q.Bool("inQueue") && q.Text("name") == ops.Metadata.Name))
        {
            if (queue[0].Text("name") != ops.Metadata.Name)
                return;
            await OpsQueue.DequeueAsync(_client, cluster, ops.Metadata.Name, ct);
        }
        var phase = cluster.Status.Text("phase");
        if (!ops.Spec.Bool("force") && !AllowedPhases(ops.Spec.Text("type")).Contains(phase))
        {
            var message = $"OpsRequest.spec.type={ops.Spec.Text("type")} is forbidden when Cluster.status.phase={phase}";
            var deadline = (ops.Metadata.CreationTimestamp ?? _time.GetUtcNow()) + TimeSpan.FromSeconds(ops.Spec.Int("preConditionDeadlineSeconds"));
            if (_time.GetUtcNow() >= deadline)
                await EndAsync(ops, "Failed", message, ct, ("Validated", false, "ClusterPhaseMismatch", message));
            else
                EnqueueAfter(ObjectKey.Of(ops), TimeSpan.FromSeconds(1));
            return;
        }
        await StatusAsync(ops, new()
        {
            ["phase"] = "Creating", ["startTimestamp"] = PodStatusReport.Stamp(_time.GetUtcNow()),
            ["conditions"] = Conditions(ops, ("Validated", true, "ValidateOpsRequestPassed", $"OpsRequest: {ops.Metadata.Name} is validated")),
        }, ct);
    }

    private async Task ActAsync(KubeObject ops, KubeObject cluster, CancellationToken ct)
    {
        var (problem, progress) = await _actions.StartAsync(ops, cluster, ct);
        if (problem is not null)
        {
            await EndAsync(ops, "Failed", problem, ct);
            return;
        }
        await StatusAsync(ops, new()
        {
            ["phase"] = "Running", ["progress"] = progress,
            ["conditions"] = Conditions(ops, (ops.Spec.Text("type"), true, ops.Spec.Text("type"), $"Start to process in Cluster: {cluster.Metadata.Name}")),
        }, ct);
        EnqueueAfter(ObjectKey.Of(ops), _poll);
    }

    private async Task PollAsync(KubeObject ops, KubeObject cluster, CancellationToken ct)
    {
        switch (_actions.Check(ops, cluster))
        {
            case { Over: true, Problem: null }:
                await EndAsync(ops, "Succeed", $"Successfully processed the OpsRequest: {ops.Metadata.Name}", ct);
                break;
            case { Over: true, Problem: { } problem }:
                await EndAsync(ops, "Failed", problem, ct);
                break;
            default:
                EnqueueAfter(ObjectKey.Of(ops), _poll);
                break;
        }
    }

    /// <summary>An ended operation leaves the queue; one that did not succeed takes those that wait behind it along.</summary>
    private async Task LeaveAsync(KubeObject ops, KubeObject? cluster, string phase, CancellationToken ct)
    {
        if (cluster is null || OpsQueue.Of(cluster) is var queue && queue.All(q => q.Text("name") != ops.Metadata.Name))
            return;
        if (phase is "Failed")
        {
            foreach (var waiting in queue.Where(q => q.Bool("inQueue")))
            {
                if (_requests.Find(ObjectKey.Of(ops.Metadata.NamespaceProperty, waiting.Text("name"))) is { } next && next.Status.Text("phase") is "Pending")
                    await EndAsync(next, "Cancelled", $"the preceding OpsRequest {ops.Metadata.Name} failed", ct);
            }
        }
        await OpsQueue.LeaveAsync(_client, cluster, ops.Metadata.Name, ct);
    }

    private async Task EndAsync(KubeObject ops, string phase, string message, CancellationToken ct, params IReadOnlyList<(string, bool, string, string)> conditions)
    {
        var reason = phase switch { "Succeed" => "OpsRequestProcessedSuccessfully", "Failed" => "OpsRequestFailed", _ => "OpsRequest" + phase };
        await StatusAsync(ops, new()
        {
            ["phase"] = phase,
            ["progress"] = phase is "Succeed" ? "1/1" : ops.Status.Text("progress") is { Length: > 0 } progress ? progress : "-/-",
            ["completionTimestamp"] = PodStatusReport.Stamp(_time.GetUtcNow()),
            ["conditions"] = Conditions(ops, [.. conditions, (phase, phase is not "Failed", reason, message)]),
        }, ct);
        _actions.Forget(ops);
    }

    private TimeSpan? TimeLeft(KubeObject ops) =>
        ops.Spec.Int("timeoutSeconds") is > 0 and var seconds
        && DateTimeOffset.TryParse(ops.Status.Text("startTimestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var started)
            ? started + TimeSpan.FromSeconds(seconds) - _time.GetUtcNow()
            : null;

    private static string[] AllowedPhases(string type) => type switch
    {
        "Backup" => ["Running", "Updating", "Abnormal"],
        "RebuildInstance" => ["Abnormal", "Failed", "Updating"],
        _ => ["Running", "Abnormal", "Failed"],
    };

    private JsonArray Conditions(KubeObject ops, params IReadOnlyList<(string, bool, string, string)> wanted) =>
        KubeBlocksObjects.Conditions(ops, _time.GetUtcNow(), wanted);

    private Task StatusAsync(KubeObject ops, JsonObject status, CancellationToken ct) =>
        _client.WriteStatusAsync(ResourceKind.OpsRequest, ObjectKey.Of(ops), status, ct);
}
