using System.Globalization;
using System.Text.Json.Nodes;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Semantics;

/// <summary>Deleting: preconditions, graceful Pods, finalizers, propagation.</summary>
internal sealed class Deletions(ObjectStore store, Registry registry, TimeProvider time)
{
    /// <summary>Finalizer: garbage collection first takes the object's name off its dependents.</summary>
    public const string Orphan = "orphan";

    /// <summary>Finalizer: garbage collection first deletes the dependents.</summary>
    public const string Foreground = "foregroundDeletion";

    /// <summary>Removes an object, or marks it and leaves the rest to kubelet, finalizers and garbage collection.</summary>
    public (StoredObject Object, bool Gone) Delete(ResourceKind kind, ObjectKey key, DeleteOptions options) => store.Transact(() =>
    {
        var current = registry.Get(kind, key);
        CheckPreconditions(current, options);
        var json = current.Parse();
        SetPropagation(kind, json, options.Propagation);
        var finalizers = json.At("metadata", "finalizers").Texts().ToList();
        var grace = kind == ResourceCatalog.Pods ? PodGrace(json, options) : 0;
        var waits = finalizers.Count > 0 || grace > 0 || kind == ResourceCatalog.Namespaces;
        if (waits && current.IsTerminating && !ShortensGrace(json, grace) && finalizers.SequenceEqual(current.Finalizers, StringComparer.Ordinal))
            return (current, false);
        if (waits)
            Mark(kind, json, grace);
        if (options.DryRun)
            return (StoredObject.Seal(kind, json, current.Version), !waits);
        return waits ? (store.Put(kind, json), false) : (store.Remove(kind, json), true);
    });

    private static void CheckPreconditions(StoredObject current, DeleteOptions options)
    {
        var version = current.Version.ToString(CultureInfo.InvariantCulture);
        if (options.Uid is { } uid && uid != current.Uid)
            throw StatusException.Conflict(current.Kind, current.Key.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        if (options.ResourceVersion is { } wanted && wanted != version)
            throw StatusException.Conflict(current.Kind, current.Key.Name, $"Precondition failed: ResourceVersion in precondition: {wanted}, ResourceVersion in object meta: {version}");
    }

    private static void SetPropagation(ResourceKind kind, JsonObject json, string? propagation)
    {
        var finalizers = json.At("metadata", "finalizers").Texts().ToList();
        switch (propagation ?? (kind.OrphansByDefault && !finalizers.Contains(Foreground) ? "Orphan" : null))
        {
            case "Orphan":
                finalizers.Remove(Foreground);
                if (!finalizers.Contains(Orphan))
                    finalizers.Add(Orphan);
                break;
            case "Foreground":
                finalizers.Remove(Orphan);
                if (!finalizers.Contains(Foreground))
                    finalizers.Add(Foreground);
                break;
            case "Background":
                finalizers.Remove(Orphan);
                finalizers.Remove(Foreground);
                break;
            case null:
                break;
            default:
                throw StatusException.Invalid(kind, json.Text("metadata", "name") ?? "", "propagationPolicy",
                    $"Unsupported value: \"{propagation}\": supported values: \"Foreground\", \"Background\", \"Orphan\"", "FieldValueNotSupported");
        }

        SetFinalizers(json, finalizers);
    }

    public static void SetFinalizers(JsonObject json, IReadOnlyList<string> finalizers)
    {
        if (finalizers.Count == 0)
            json.Meta().Remove("finalizers");
        else
            json.Meta()["finalizers"] = new JsonArray([.. finalizers.Select(f => (JsonNode)f)]);
    }

    // A Pod that no kubelet has, or whose containers have ended, has nothing to be graceful about.
    private static long PodGrace(JsonObject json, DeleteOptions options)
    {
        if (string.IsNullOrEmpty(json.Text("spec", "nodeName")) || json.Text("status", "phase") is "Succeeded" or "Failed")
            return 0;
        var grace = options.GracePeriodSeconds ?? json.Number("spec", "terminationGracePeriodSeconds") ?? 30;
        return grace < 0 ? 1 : grace;
    }

    private static bool ShortensGrace(JsonObject json, long grace) => grace < (json.Number("metadata", "deletionGracePeriodSeconds") ?? 0);

    private void Mark(ResourceKind kind, JsonObject json, long grace)
    {
        var meta = json.Meta();
        if (meta["deletionTimestamp"] is null && meta.Number("generation") is > 0 and var generation)
            meta["generation"] = generation + 1;
        if (meta["deletionTimestamp"] is null || ShortensGrace(json, grace))
        {
            meta["deletionTimestamp"] = Registry.Timestamp(time.GetUtcNow().AddSeconds(grace));
            meta["deletionGracePeriodSeconds"] = grace;
        }

        if (kind == ResourceCatalog.Namespaces)
            json.Child("status")["phase"] = "Terminating";
    }
}
