using System.Text.Json.Nodes;
using k8s;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>Declares definitions and versions Available, which everything else waits for.</summary>
internal sealed class DefinitionController : Controller
{
    private readonly IKubernetes _client;
    private readonly ObjectCache<KubeObject> _objects;
    private readonly ResourceKind _kind;

    public DefinitionController(IKubernetes client, ResourceKind kind, ObjectCache<KubeObject> objects, AlarmClock alarms, ILogger log)
        : base(kind.Plural, alarms, log)
    {
        (_client, _objects, _kind) = (client, objects, kind);
        objects.OnChange((before, after) => Enqueue(ObjectKey.Of((after ?? before)!)));
    }

    protected override async Task ReconcileAsync(string key, CancellationToken ct)
    {
        if (_objects.Find(key) is not { } item)
            return;
        var status = new JsonObject { ["phase"] = "Available", ["observedGeneration"] = item.Metadata.Generation ?? 1 };
        if (_kind == ResourceKind.ComponentVersion)
        {
            var offered = item.Spec.Objects("releases").Select(r => r.Text("serviceVersion")).Distinct().OrderByDescending(v => v, VersionOrder.Instance);
            status["serviceVersions"] = string.Join(',', offered);
        }
        await _client.PatchStatusAsync(_kind, item, status, ct);
    }
}
