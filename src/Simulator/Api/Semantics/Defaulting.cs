using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Semantics;

/// <summary>The defaults that a real API server writes into built-in kinds, as far as anything here can tell the difference.</summary>
internal static class Defaulting
{
    public static void Apply(ResourceKind kind, JsonObject json)
    {
        if (kind.Custom)
            return;
        switch (kind.Plural)
        {
            case "pods":
                var pod = json.Child("spec");
                PodSpec(pod);
                pod.SetDefault("serviceAccountName", "default");
                pod.SetDefault("enableServiceLinks", true);
                break;
            case "statefulsets":
                StatefulSet(json.Child("spec"));
                break;
            case "deployments" or "replicasets":
                json.Child("spec").SetDefault("replicas", 1);
                PodSpec(json.Child("spec").Child("template").Child("spec"));
                break;
            case "jobs":
                Job(json.Child("spec"));
                break;
            case "services":
                Service(json.Child("spec"));
                break;
            case "namespaces":
                json.Child("spec").SetDefault("finalizers", new JsonArray("kubernetes"));
                json.Child("status").SetDefault("phase", "Active");
                json.Meta().Child("labels")["kubernetes.io/metadata.name"] = json.Text("metadata", "name");
                break;
            case "persistentvolumeclaims":
                json.Child("spec").SetDefault("volumeMode", "Filesystem");
                break;
        }
    }

    /// <summary>What the server itself writes when an object is created; a status sent with it is dropped where status is a subresource.</summary>
    public static void OnCreate(ResourceKind kind, JsonObject json)
    {
        // Nodes register themselves with their status.
        if (kind.HasStatus && kind.Plural != "nodes")
            json.Remove("status");
        switch (kind.Plural)
        {
            case "pods":
                json["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = "BestEffort" };
                break;
            case "persistentvolumeclaims":
                json["status"] = new JsonObject { ["phase"] = "Pending" };
                break;
            case "statefulsets":
                json["status"] = new JsonObject { ["replicas"] = 0 };
                break;
            case "jobs":
                SelectOwnPods(json);
                break;
        }
    }

    private static void PodSpec(JsonObject spec)
    {
        spec.SetDefault("restartPolicy", "Always");
        spec.SetDefault("terminationGracePeriodSeconds", 30);
        spec.SetDefault("dnsPolicy", "ClusterFirst");
        spec.SetDefault("schedulerName", "default-scheduler");
        spec.SetDefault("securityContext", new JsonObject());
        foreach (var container in spec["initContainers"].Objects().Concat(spec["containers"].Objects()))
        {
            container.SetDefault("terminationMessagePath", "/dev/termination-log");
            container.SetDefault("terminationMessagePolicy", "File");
            container.SetDefault("resources", new JsonObject());
            container.SetDefault("imagePullPolicy", IsFloating(container.Text("image") ?? "") ? "Always" : "IfNotPresent");
            foreach (var port in container["ports"].Objects())
                port.SetDefault("protocol", "TCP");
        }
    }

    private static bool IsFloating(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..];
        return !image.Contains('@', StringComparison.Ordinal) && (!name.Contains(':', StringComparison.Ordinal) || name.EndsWith(":latest", StringComparison.Ordinal));
    }

    private static void StatefulSet(JsonObject spec)
    {
        spec.SetDefault("replicas", 1);
        spec.SetDefault("podManagementPolicy", "OrderedReady");
        spec.SetDefault("revisionHistoryLimit", 10);
        spec.SetDefault("serviceName", "");
        PodSpec(spec.Child("template").Child("spec"));
        var strategy = spec.Child("updateStrategy");
        strategy.SetDefault("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
            strategy.Child("rollingUpdate").SetDefault("partition", 0);
        foreach (var claim in spec["volumeClaimTemplates"].Objects())
        {
            claim.SetDefault("kind", "PersistentVolumeClaim");
            claim.SetDefault("apiVersion", "v1");
            claim.Child("spec").SetDefault("volumeMode", "Filesystem");
            claim.Child("status").SetDefault("phase", "Pending");
        }
    }

    private static void Job(JsonObject spec)
    {
        spec.SetDefault("parallelism", 1);
        spec.SetDefault("completions", 1);
        spec.SetDefault("backoffLimit", 6);
        PodSpec(spec.Child("template").Child("spec"));
    }

    private static void Service(JsonObject spec)
    {
        spec.SetDefault("type", "ClusterIP");
        spec.SetDefault("sessionAffinity", "None");
        foreach (var port in spec["ports"].Objects())
        {
            port.SetDefault("protocol", "TCP");
            if (port["targetPort"] is null && port["port"] is { } number && number.GetValueKind() == JsonValueKind.Number)
                port["targetPort"] = number.DeepClone();
        }
    }

    // A Job's selector is generated from its UID, so that it never adopts another's Pods.
    private static void SelectOwnPods(JsonObject json)
    {
        var spec = json.Child("spec");
        if (spec.Flag("manualSelector") || spec["selector"] is not null)
            return;
        var uid = json.Text("metadata", "uid") ?? "";
        spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = uid } };
        var labels = spec.Child("template").Meta().Child("labels");
        // Each its own node: one cannot be in two places.
        foreach (var prefix in (ReadOnlySpan<string>)["", "batch.kubernetes.io/"])
        {
            labels[prefix + "controller-uid"] = uid;
            labels[prefix + "job-name"] = json.Text("metadata", "name");
        }
    }
}
