using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Rollcall.Simulator.Databases;

namespace Rollcall.Simulator.Operators.Nodes;

/// <summary>The status a kubelet would report for a Pod, as a merge patch.</summary>
internal static class PodStatusReport
{
    public static JsonObject For(V1Pod pod, PodRuntime runtime, string hostIp, Func<string, bool> exists)
    {
        var running = runtime.Stage is PodStage.Started or PodStage.Ready or PodStage.Crashed;
        var ready = runtime.Stage is PodStage.Ready;
        var changed = Stamp(runtime.ReadyChangedAt ?? runtime.SeenAt);
        var status = new JsonObject
        {
            ["phase"] = running ? "Running" : "Pending",
            ["hostIP"] = hostIp,
            ["startTime"] = Stamp(runtime.SeenAt),
            ["conditions"] = new JsonArray(
                Condition("Initialized", true, Stamp(runtime.SeenAt)),
                Condition("Ready", ready, changed),
                Condition("ContainersReady", ready, changed),
                Condition("PodScheduled", true, Stamp(runtime.SeenAt))),
            ["containerStatuses"] = new JsonArray([.. pod.Spec.Containers.Select(c => (JsonNode)Container(c, runtime, exists))]),
        };
        if (running)
        {
            status["podIP"] = runtime.Ip;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = runtime.Ip });
        }
        return new JsonObject { ["status"] = status };
    }

    public static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonObject Condition(string type, bool holds, string since)
    {
        var condition = new JsonObject { ["type"] = type, ["status"] = holds ? "True" : "False", ["lastProbeTime"] = null, ["lastTransitionTime"] = since };
        if (!holds)
            (condition["reason"], condition["message"]) = ("ContainersNotReady", "containers with unready status");
        return condition;
    }

    private static JsonObject Container(V1Container container, PodRuntime runtime, Func<string, bool> exists)
    {
        var image = runtime.Images.GetValueOrDefault(container.Name, container.Image);
        var runs = runtime.Stage is PodStage.Started or PodStage.Ready;
        var status = new JsonObject
        {
            ["name"] = container.Name,
            ["image"] = image,
            ["imageID"] = runs || runtime.Stage is PodStage.Crashed ? $"docker.io/{image.Split(':')[0]}@sha256:{StableHash.Hex(image, 64)}" : "",
            ["restartCount"] = runtime.Restarts,
            ["ready"] = runtime.Stage is PodStage.Ready,
            ["started"] = runs,
            ["state"] = State(container, image, runtime, exists),
        };
        if (runtime.StartedAt is { } startedAt)
        {
            var id = $"containerd://{StableHash.Hex($"{runtime.Uid}/{container.Name}/{runtime.Restarts}", 64)}";
            if (runs || runtime.Stage is PodStage.Crashed)
                status["containerID"] = id;
            if (runtime is { Stage: PodStage.Crashed, CrashOutput: { } output })
            {
                status["lastState"] = new JsonObject
                {
                    ["terminated"] = new JsonObject
                    {
                        ["exitCode"] = 1, ["reason"] = "Error", ["message"] = output, ["startedAt"] = Stamp(startedAt),
                        ["finishedAt"] = Stamp(startedAt), ["containerID"] = id,
                    },
                };
            }
        }
        return status;
    }

    private static JsonObject State(V1Container container, string image, PodRuntime runtime, Func<string, bool> exists) => runtime.Stage switch
    {
        PodStage.Started or PodStage.Ready =>
            new() { ["running"] = new JsonObject { ["startedAt"] = Stamp(runtime.StartedAt!.Value) } },
        PodStage.Crashed =>
            Waiting("CrashLoopBackOff", $"back-off restarting failed container={container.Name}"),
        PodStage.PullFailed when !exists(image) =>
            runtime.BackingOff
                ? Waiting("ImagePullBackOff", $"Back-off pulling image \"{image}\"")
                : Waiting("ErrImagePull", $"failed to pull and unpack image \"{image}\": not found"),
        _ => Waiting("ContainerCreating", null),
    };

    private static JsonObject Waiting(string reason, string? message)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null)
            waiting["message"] = message;
        return new() { ["waiting"] = waiting };
    }
}
