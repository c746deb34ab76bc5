using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.StatefulSets;

/// <summary>What is written to a StatefulSet for each verb, judged from the object as it is now. Pure.</summary>
internal static class StatefulSetPatches
{
    private const string OnDelete = "OnDelete";

    public static Intention Hold(KubeObject set, ActContext context, DateTimeOffset now, string what)
    {
        var custody = Marks.Custody(set.Annotation);
        if (custody is not null && custody.Owner != context.Owner)
            return Intention.Is(Answers.ForeignOwner(what, custody));
        var strategy = KubeObject.Get(set.Spec, "updateStrategy");
        var type = KubeObject.Text(strategy, "type");
        if (custody?.Run == context.RunId && type == OnDelete)
            return Intention.Is(ActResult.Accepted($"{set.Name} is held already."));
        if (custody is null && KubeObject.Number(strategy, "rollingUpdate", "partition") is > 0 and var partition)
            return Intention.Is(ActResult.Refused($"{set.Name} has a partition of {partition} in its update strategy, set by somebody else. Finish that rollout first.", "NoConcurrentOps"));
        // Taken over from an earlier run of ours, or written back after somebody removed it: what must be given back is what was there first.
        var original = custody is null ? strategy.ValueKind == JsonValueKind.Object ? strategy.GetRawText() : """{"type":"RollingUpdate"}""" : set.Annotation(Marks.Held);
        return Intention.Merge(
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["resourceVersion"] = set.ResourceVersion,
                    ["annotations"] = new JsonObject
                    {
                        [Marks.Owner] = context.Owner,
                        [Marks.Run] = context.RunId,
                        [Marks.Since] = custody?.Since is not null ? set.Annotation(Marks.Since) : now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                        [Marks.Held] = original,
                    },
                },
                ["spec"] = new JsonObject { ["updateStrategy"] = new JsonObject { ["type"] = OnDelete, ["rollingUpdate"] = null } },
            }.ToJsonString(),
            $"{set.Name} is held: nothing of it restarts by itself.");
    }

    public static Intention Retarget(KubeObject set, VersionRef to, string versionContainer, ActContext context, string what)
    {
        if (NotOurs(set, context, what) is { } refused)
            return Intention.Is(refused);
        // Still ours, and the image still the one that was read; a resourceVersion would fall to every write of the controller's status.
        var patch = new JsonArray(Test("/metadata/annotations/" + Marks.Run.Replace("/", "~1", StringComparison.Ordinal), context.RunId));
        var containers = KubeObject.Items(set.Spec, "template", "spec", "containers").Select(c => (Name: KubeObject.Text(c, "name"), Image: KubeObject.Text(c, "image"))).ToList();
        var wanted = to.Images.IsEmpty
            ? containers.Where(c => c.Name == versionContainer).ToDictionary(c => c.Name, c => ImageName.Parse(c.Image).WithTag(to.Version).ToString())
            : to.Images.ToDictionary(i => i.Key, i => i.Value);
        if (wanted.Count == 0 || wanted.Keys.FirstOrDefault(w => containers.TrueForAll(c => c.Name != w)) is not null)
            return Intention.Is(ActResult.Refused($"{set.Name} has no container {(wanted.Count == 0 ? versionContainer : wanted.Keys.First(w => containers.TrueForAll(c => c.Name != w)))} to write {to} to."));
        for (var i = 0; i < containers.Count; i++)
        {
            if (!wanted.TryGetValue(containers[i].Name, out var image) || image == containers[i].Image)
                continue;
            patch.Add(Test($"/spec/template/spec/containers/{i}/name", containers[i].Name));
            patch.Add(Test($"/spec/template/spec/containers/{i}/image", containers[i].Image));
            patch.Add(new JsonObject { ["op"] = "replace", ["path"] = $"/spec/template/spec/containers/{i}/image", ["value"] = image });
        }
        return patch.Count == 1
            ? Intention.Is(ActResult.Accepted($"{set.Name} asks for {to} already."))
            : Intention.Json(patch.ToJsonString(), $"{to} is written into {set.Name}; nothing moves under the hold.");
    }

    public static Intention Release(KubeObject set, ActContext context, string what)
    {
        if (Marks.Custody(set.Annotation) is not { } custody)
            return Intention.Is(ActResult.Accepted($"{set.Name} is not held."));
        if (custody.Owner != context.Owner)
            return Intention.Is(Answers.ForeignOwner(what, custody));
        return Intention.Merge(
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["resourceVersion"] = set.ResourceVersion,
                    ["annotations"] = new JsonObject { [Marks.Owner] = null, [Marks.Run] = null, [Marks.Since] = null, [Marks.Held] = null },
                },
                ["spec"] = new JsonObject { ["updateStrategy"] = Original(set.Annotation(Marks.Held)) },
            }.ToJsonString(),
            $"{set.Name} is given back to its controller.");
    }

    /// <summary>Null while this run holds it.</summary>
    public static ActResult? NotOurs(KubeObject set, ActContext context, string what)
    {
        var custody = Marks.Custody(set.Annotation);
        if (custody is not null && custody.Owner != context.Owner)
            return Answers.ForeignOwner(what, custody);
        return custody?.Run == context.RunId && KubeObject.Text(set.Spec, "updateStrategy", "type") == OnDelete ? null : Answers.NotHeld(what);
    }

    private static JsonObject Test(string path, string value) => new() { ["op"] = "test", ["path"] = path, ["value"] = value };

    /// <summary>A mark that somebody spoiled must not keep the StatefulSet held for ever; Kubernetes' default is the safest guess.</summary>
    private static JsonObject Original(string? held)
    {
        try
        {
            if (JsonNode.Parse(held ?? "") is JsonObject original && original["type"] is not null)
                return original;
        }
        catch (JsonException)
        {
            return new JsonObject { ["type"] = "RollingUpdate" };
        }
        return new JsonObject { ["type"] = "RollingUpdate" };
    }
}
