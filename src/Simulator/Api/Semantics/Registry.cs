using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Semantics;

/// <summary>What creating and changing objects means: identity, generation, optimistic concurrency, the split between spec and status.</summary>
internal sealed class Registry(ObjectStore store, TimeProvider time)
{
    private static readonly string[] ServerOwnedMetadata =
        ["namespace", "name", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "managedFields", "selfLink"];

    public string Now => Timestamp(time.GetUtcNow());

    public static string Timestamp(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public StoredObject Get(ResourceKind kind, ObjectKey key) => store.Find(kind, key) ?? throw StatusException.NotFound(kind, key.Name);

    public StoredObject Create(ResourceKind kind, string ns, JsonObject json, WriteContext context)
    {
        Decode(kind, json);
        if (!string.IsNullOrEmpty(json.Text("metadata", "resourceVersion")))
            throw new StatusException(500, "InternalError", "resourceVersion should not be set on objects to be created");
        Locate(kind, ns, json);
        var meta = json.Meta();
        if (string.IsNullOrEmpty(meta.Text("name")) && meta.Text("generateName") is { Length: > 0 } prefix)
            meta["name"] = prefix + RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 5);
        foreach (var field in (string[])["deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink", "resourceVersion"])
            meta.Remove(field);
        var now = Now;
        meta["uid"] = Guid.NewGuid().ToString();
        meta["creationTimestamp"] = now;
        if (kind.HasGeneration)
            meta["generation"] = 1;
        else
            meta.Remove("generation");
        Defaulting.OnCreate(kind, json);
        Defaulting.Apply(kind, json);
        Validation.Create(kind, json);
        ManagedFields.Record(json, null, kind, context, now);
        var name = meta.Text("name")!;
        return store.Transact(() =>
        {
            if (kind.Namespaced)
                AdmitToNamespace(kind, ns, name);
            if (store.Find(kind, new(kind.Namespaced ? ns : "", name)) is not null)
                throw StatusException.AlreadyExists(kind, name);
            return context.DryRun ? StoredObject.Seal(kind, json, 0) : store.Put(kind, json);
        });
    }

    /// <summary>PUT: the whole object as it should be.</summary>
    public StoredObject Replace(ResourceKind kind, ObjectKey key, JsonObject json, WriteContext context)
    {
        Decode(kind, json);
        Locate(kind, key.Namespace, json);
        var name = json.Text("metadata", "name");
        if (name != key.Name)
            throw StatusException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({key.Name})");
        return store.Transact(() => Update(Get(kind, key), json, context));
    }

    /// <summary>
    /// Any patch: computes the next state from a copy of the present one. It cannot conflict unless the patch itself carries a
    /// resourceVersion, as a real server retries such a patch itself.
    /// </summary>
    public StoredObject Patch(ResourceKind kind, ObjectKey key, Func<JsonObject, JsonObject> patch, WriteContext context) => store.Transact(() =>
    {
        var current = Get(kind, key);
        var next = patch(current.Parse());
        Decode(kind, next);
        if (next.Text("metadata", "name") != key.Name || (next.Text("metadata", "namespace") ?? "") != key.Namespace)
            throw StatusException.Invalid(kind, key.Name, "metadata.name", "Invalid value: field is immutable");
        return Update(current, next, context);
    });

    /// <summary>pods/binding: the scheduler's choice, which cannot be changed afterwards.</summary>
    public StoredObject Bind(ObjectKey key, string node) => store.Transact(() =>
    {
        var pod = Get(ResourceCatalog.Pods, key);
        var json = pod.Parse();
        if (json.Text("spec", "nodeName") is { Length: > 0 } present)
            throw StatusException.Conflict(pod.Kind, key.Name, $"pod {key.Name} is already assigned to node \"{present}\"");
        if (pod.IsTerminating)
            throw StatusException.Conflict(pod.Kind, key.Name, $"pod {key.Name} is being deleted, cannot be assigned to a host");
        json.Child("spec")["nodeName"] = node;
        var conditions = json.Child("status")["conditions"] as JsonArray ?? [];
        json.Child("status")["conditions"] = new JsonArray([.. conditions.Objects().Where(c => c.Text("type") != "PodScheduled").Select(c => c.DeepClone()),
            new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastTransitionTime"] = Now }]);
        return store.Put(pod.Kind, json);
    });

    /// <summary>The next version of an object, or its removal when nothing holds it back any longer. Only inside a transaction.</summary>
    public StoredObject Update(StoredObject current, JsonObject proposed, WriteContext context)
    {
        var kind = current.Kind;
        CheckVersion(current, proposed);
        var previous = current.Parse();
        var next = context.Subresource == "status" ? WithStatus(kind, previous, proposed) : WithoutStatus(kind, previous, proposed);
        KeepServerOwned(previous, next);
        Defaulting.Apply(kind, next);
        Validation.Update(kind, previous, next);
        if (IsSame(previous, next))
            return current;
        if (kind.HasGeneration && context.Subresource.Length == 0 && SpecChanged(previous, next))
            next.Meta()["generation"] = (previous.Number("metadata", "generation") ?? 0) + 1;
        ManagedFields.Record(next, previous, kind, context, Now);
        if (context.DryRun)
            return StoredObject.Seal(kind, next, current.Version);
        return IsReleased(kind, next) ? store.Remove(kind, next) : store.Put(kind, next);
    }

    /// <summary>Marked for deletion with nothing left to wait for: no finalizer and, for a Pod, no grace period.</summary>
    public static bool IsReleased(ResourceKind kind, JsonObject json) =>
        json.At("metadata", "deletionTimestamp") is not null
        && json.At("metadata", "finalizers") is not JsonArray { Count: > 0 }
        && (kind != ResourceCatalog.Pods || (json.Number("metadata", "deletionGracePeriodSeconds") ?? 0) == 0)
        && kind != ResourceCatalog.Namespaces;

    private static void Decode(ResourceKind kind, JsonObject json)
    {
        Validation.Shape(json);
        JsonAccess.DropNulls(json);
        var (apiVersion, name) = (json.Text("apiVersion") ?? kind.ApiVersion, json.Text("kind") ?? kind.Kind);
        if (apiVersion != kind.ApiVersion || name != kind.Kind)
        {
            throw StatusException.BadRequest(
                $"the API version in the data ({apiVersion}, Kind={name}) does not match the expected API version ({kind.ApiVersion}, Kind={kind.Kind})");
        }
    }

    private static void Locate(ResourceKind kind, string ns, JsonObject json)
    {
        var meta = json.Meta();
        if (!kind.Namespaced)
            meta.Remove("namespace");
        else if (meta.Text("namespace") is { Length: > 0 } given && given != ns)
            throw StatusException.BadRequest($"the namespace of the provided object does not match the namespace sent on the request");
        else
            meta["namespace"] = ns;
    }

    private static void CheckVersion(StoredObject current, JsonObject proposed)
    {
        var (kind, name) = (current.Kind, current.Key.Name);
        if (proposed.Text("metadata", "uid") is { Length: > 0 } uid && uid != current.Uid)
            throw StatusException.Conflict(kind, name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        var version = proposed.Text("metadata", "resourceVersion") ?? "";
        if (version.Length == 0)
        {
            if (!kind.UnconditionalUpdate)
                throw StatusException.Invalid(kind, name, "metadata.resourceVersion", "Invalid value: 0x0: must be specified for an update");
        }
        else if (version != current.Version.ToString(CultureInfo.InvariantCulture))
        {
            throw StatusException.Stale(kind, name);
        }
    }

    private static JsonObject WithoutStatus(ResourceKind kind, JsonObject previous, JsonObject next)
    {
        if (kind.HasStatus)
            SetOrRemove(next, "status", previous["status"]);
        return next;
    }

    // A custom resource's status subresource changes nothing but the status; the built-in ones let labels and annotations through.
    private static JsonObject WithStatus(ResourceKind kind, JsonObject previous, JsonObject proposed)
    {
        var next = previous.DeepClone().AsObject();
        SetOrRemove(next, "status", proposed["status"]);
        if (!kind.Custom)
        {
            next["metadata"] = proposed["metadata"]!.DeepClone();
            SetOrRemove(next.Meta(), "ownerReferences", previous.At("metadata", "ownerReferences"));
        }

        return next;
    }

    private static void KeepServerOwned(JsonObject previous, JsonObject next)
    {
        foreach (var field in ServerOwnedMetadata)
            SetOrRemove(next.Meta(), field, previous.At("metadata", field));
        next.Meta().Remove("resourceVersion");
    }

    private static bool IsSame(JsonObject previous, JsonObject next)
    {
        var before = previous.DeepClone().AsObject();
        before.Meta().Remove("resourceVersion");
        return JsonNode.DeepEquals(before, next);
    }

    private static bool SpecChanged(JsonObject previous, JsonObject next) =>
        previous.Select(p => p.Key).Union(next.Select(p => p.Key))
            .Where(section => section is not ("metadata" or "status" or "kind" or "apiVersion"))
            .Any(section => !JsonNode.DeepEquals(previous[section], next[section]));

    private static void SetOrRemove(JsonObject json, string field, JsonNode? value)
    {
        if (value is null)
            json.Remove(field);
        else
            json[field] = value.DeepClone();
    }

    private void AdmitToNamespace(ResourceKind kind, string ns, string name)
    {
        var home = store.Find(ResourceCatalog.Namespaces, new("", ns)) ?? throw StatusException.NotFound(ResourceCatalog.Namespaces, ns);
        if (home.IsTerminating)
            throw StatusException.Forbidden(kind, name, $"unable to create new content in namespace {ns} because it is being terminated");
    }
}
