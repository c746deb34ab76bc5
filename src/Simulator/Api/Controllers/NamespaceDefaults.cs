using System.Text.Json.Nodes;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Controllers;

/// <summary>Gives each new namespace its ServiceAccount <c>default</c>, without which a real server takes no Pods.</summary>
internal sealed class NamespaceDefaults(Registry registry)
{
    public void OnCommitted(Change change)
    {
        if (change is { Type: ChangeType.Added } && change.Object.Kind == ResourceCatalog.Namespaces)
            registry.Create(ResourceCatalog.ServiceAccounts, change.Object.Key.Name, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } }, WriteContext.Internal);
    }
}
