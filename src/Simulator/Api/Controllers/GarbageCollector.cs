using System.Text.Json.Nodes;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Controllers;

/// <summary>
/// What the garbage collector and the namespace controller do on a real control plane: dependents go with their last owner, a namespace with
/// its content. It acts when the write that gives it cause is done, so nothing of it has to be waited for.
/// </summary>
internal sealed class GarbageCollector(ObjectStore store, Registry registry, Deletions deletions)
{
    public void OnCommitted(Change change)
    {
        var item = change.Object;
        if (change.Type == ChangeType.Deleted)
        {
            foreach (var dependent in store.Dependents(item.Uid))
                Abandon(dependent, item.Uid);
            foreach (var owner in item.Owners)
            {
                if (store.FindByUid(owner.Uid) is { IsTerminating: true } waiting)
                    Release(waiting);
            }

            FinishNamespace(item.Key.Namespace);
            return;
        }

        if (item.IsTerminating && store.FindByUid(item.Uid) is { } current)
        {
            Release(current);
            if (item.Kind == ResourceCatalog.Namespaces)
                Empty(item.Key.Name);
        }
        else if (change.Type == ChangeType.Added && item.Owners.Count > 0 && item.Owners.All(o => store.FindByUid(o.Uid) is null))
        {
            // Every owner it names is gone already: the classic way to lose an object made for a stale owner.
            Delete(item, "Background");
        }
    }

    // One owner is gone: the object follows it, or lives on with those that are left.
    private void Abandon(StoredObject dependent, string ownerUid)
    {
        if (dependent.Owners.All(o => o.Uid == ownerUid || store.FindByUid(o.Uid) is null))
        {
            if (!dependent.IsTerminating)
                Delete(dependent, "Background");
        }
        else
        {
            Disown(dependent, ownerUid);
        }
    }

    // Does what the finalizers of the propagation policies stand for, and takes them off when it is done.
    private void Release(StoredObject owner)
    {
        if (owner.Finalizers.Contains(Deletions.Orphan))
        {
            foreach (var dependent in store.Dependents(owner.Uid))
                Disown(dependent, owner.Uid);
            TakeOff(owner, Deletions.Orphan);
        }
        else if (owner.Finalizers.Contains(Deletions.Foreground))
        {
            var dependents = store.Dependents(owner.Uid);
            foreach (var dependent in dependents.Where(d => !d.IsTerminating))
                Delete(dependent, "Foreground");
            if (!store.Dependents(owner.Uid).Any(d => d.Owners.Any(o => o.Uid == owner.Uid && o.BlocksDeletion)))
                TakeOff(owner, Deletions.Foreground);
        }
    }

    private void TakeOff(StoredObject item, string finalizer)
    {
        if (store.FindByUid(item.Uid) is not { } current)
            return;
        var json = current.Parse();
        Deletions.SetFinalizers(json, [.. current.Finalizers.Where(f => f != finalizer)]);
        registry.Update(current, json, WriteContext.Internal);
    }

    private void Disown(StoredObject dependent, string ownerUid)
    {
        var json = dependent.Parse();
        var left = json.At("metadata", "ownerReferences").Objects().Where(o => o.Text("uid") != ownerUid).Select(o => o.DeepClone()).ToArray();
        if (left.Length == 0)
            json.Meta().Remove("ownerReferences");
        else
            json.Meta()["ownerReferences"] = new JsonArray(left);
        registry.Update(dependent, json, WriteContext.Internal);
    }

    private void Delete(StoredObject item, string propagation) => deletions.Delete(item.Kind, item.Key, new() { Uid = item.Uid, Propagation = propagation });

    private void Empty(string ns)
    {
        foreach (var kind in store.Catalog.Kinds.Where(k => k.Namespaced))
        {
            foreach (var item in store.Of(kind).Live.Scan(ns).Where(o => !o.IsTerminating).ToList())
            {
                if (store.FindByUid(item.Uid) is { IsTerminating: false } current)
                    Delete(current, "Background");
            }
        }

        FinishNamespace(ns);
    }

    private void FinishNamespace(string ns)
    {
        if (store.Find(ResourceCatalog.Namespaces, new("", ns)) is { IsTerminating: true } home
            && home.Finalizers.Count == 0
            && !store.Catalog.Kinds.Any(k => k.Namespaced && store.Of(k).Live.Scan(ns).Any()))
        {
            store.Remove(home.Kind, home.Parse());
        }
    }
}
