using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Mapping;

namespace Rollcall.Engine.Kubernetes.KubeBlocks;

/// <summary>
/// What is written to a Cluster for each verb. Pure. Always JSON Patches that test the entry's name: the lists of a Cluster have no keys, and a merge would replace them whole.
/// </summary>
internal static class ClusterPatches
{
    private const string OnDelete = "OnDelete";
    private static readonly string[] All = [Marks.Owner, Marks.Run, Marks.Since, Marks.Held];

    public static Intention Hold(KubeObject cluster, string component, ActContext context, DateTimeOffset now, string what)
    {
        if (KubeBlocksNames.Find(cluster, component) is not { } entry)
            return Absent(cluster, component);
        var custody = Marks.Custody(cluster.Annotation, component);
        if (custody is not null && custody.Owner != context.Owner)
            return Intention.Is(Answers.ForeignOwner(what, custody));
        if (cluster.Label(KubeBlocksNames.Rollout) is { Length: > 0 } rollout)
            return Intention.Is(ActResult.Refused($"KubeBlocks' own Rollout {rollout} changes {cluster.Name}. Finish or delete it first.", "NoConcurrentOps"));
        if (KubeObject.Flag(entry.Spec, "enableInstanceAPI"))
            return Intention.Is(ActResult.Refused($"{component} uses the Instance API (enableInstanceAPI), whose order of updates cannot be held from outside."));
        var strategy = KubeObject.Get(entry.Spec, "instanceUpdateStrategy");
        if (custody?.Run == context.RunId && KubeObject.Text(strategy, "type") == OnDelete)
            return Intention.Is(ActResult.Accepted($"{component} is held already."));
        var original = custody is null ? strategy.ValueKind == JsonValueKind.Object ? strategy.GetRawText() : "null" : cluster.Annotation(Marks.For(Marks.Held, component))!;
        var since = custody?.Since is not null ? cluster.Annotation(Marks.For(Marks.Since, component))! : now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var patch = Begin(entry);
        if (strategy.ValueKind != default)
            patch.Add(Op("test", $"{entry.SpecPath}/instanceUpdateStrategy", JsonNode.Parse(strategy.GetRawText())));
        patch.Add(Op("add", $"{entry.SpecPath}/instanceUpdateStrategy", new JsonObject { ["type"] = OnDelete }));
        (string Mark, string Value)[] marks = [(Marks.Owner, context.Owner), (Marks.Run, context.RunId), (Marks.Since, since), (Marks.Held, original)];
        if (cluster.Annotations.IsEmpty)
            patch.Add(Op("add", "/metadata/annotations", new JsonObject(marks.Select(m => KeyValuePair.Create(Marks.For(m.Mark, component), (JsonNode?)m.Value)))));
        else
            foreach (var (mark, value) in marks)
                patch.Add(Op("add", Pointer(mark, component), value));
        return Intention.Json(patch.ToJsonString(), $"{component} is held: nothing of it restarts by itself.");
    }

    public static Intention Retarget(KubeObject cluster, string component, VersionRef to, ActContext context, string what)
    {
        if (KubeBlocksNames.Find(cluster, component) is not { } entry)
            return Absent(cluster, component);
        if (NotOurs(cluster, component, context, what) is { } refused)
            return Intention.Is(refused);
        var patch = Begin(entry);
        Change("serviceVersion", to.Version);
        Change("componentDef", to.ComponentDef);
        return patch.Count == 1
            ? Intention.Is(ActResult.Accepted($"{component} asks for {to} already."))
            : Intention.Json(patch.ToJsonString(), $"{to} is written into {component}; nothing moves under the hold.");

        void Change(string field, string value)
        {
            if (value.Length > 0 && KubeObject.Text(entry.Spec, field) != value)
                patch.Add(Op("add", $"{entry.SpecPath}/{field}", value));
        }
    }

    public static Intention Release(KubeObject cluster, string component, ActContext context, string what)
    {
        if (Marks.Custody(cluster.Annotation, component) is not { } custody)
            return Intention.Is(ActResult.Accepted($"{component} is not held."));
        if (custody.Owner != context.Owner)
            return Intention.Is(Answers.ForeignOwner(what, custody));
        if (KubeBlocksNames.Find(cluster, component) is not { } entry)
            return Absent(cluster, component);
        var patch = Begin(entry);
        if (Original(cluster.Annotation(Marks.For(Marks.Held, component))) is { } original)
            patch.Add(Op("add", $"{entry.SpecPath}/instanceUpdateStrategy", original));
        else if (KubeObject.Get(entry.Spec, "instanceUpdateStrategy").ValueKind != default)
            patch.Add(Op("remove", $"{entry.SpecPath}/instanceUpdateStrategy"));
        foreach (var mark in All.Where(m => cluster.Annotation(Marks.For(m, component)) is not null))
            patch.Add(Op("remove", Pointer(mark, component)));
        return Intention.Json(patch.ToJsonString(), $"{component} is given back to KubeBlocks.");
    }

    /// <summary>Null while this run holds the component.</summary>
    public static ActResult? NotOurs(KubeObject cluster, string component, ActContext context, string what)
    {
        var custody = Marks.Custody(cluster.Annotation, component);
        if (custody is not null && custody.Owner != context.Owner)
            return Answers.ForeignOwner(what, custody);
        var strategy = KubeBlocksNames.Find(cluster, component) is { } entry ? KubeObject.Text(entry.Spec, "instanceUpdateStrategy", "type") : "";
        return custody?.Run == context.RunId && strategy == OnDelete ? null : Answers.NotHeld(what);
    }

    private static Intention Absent(KubeObject cluster, string component) => Intention.Is(ActResult.Refused($"Cluster {cluster.Namespace}/{cluster.Name} has no component {component} any more."));

    private static JsonArray Begin(KubeBlocksNames.Entry entry) => [Op("test", $"{entry.Path}/name", entry.Name)];

    private static JsonObject Op(string op, string path) => new() { ["op"] = op, ["path"] = path };

    private static JsonObject Op(string op, string path, JsonNode? value) => new() { ["op"] = op, ["path"] = path, ["value"] = value };

    private static string Pointer(string mark, string component) => "/metadata/annotations/" + Marks.For(mark, component).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>Null: there was no strategy of its own (or the mark was spoiled), so KubeBlocks' default comes back.</summary>
    private static JsonObject? Original(string? held)
    {
        try
        {
            return JsonNode.Parse(held ?? "null") as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
