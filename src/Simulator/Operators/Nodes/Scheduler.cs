using k8s.Models;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.Nodes;

/// <summary>
/// Spreads the members of a shard over zones, and keeps a Pod where it was: its volume is there. Nodes stand in an order in which
/// neighbours are in different zones, so consecutive ordinals are too.
/// </summary>
internal sealed class Scheduler
{
    private readonly Lock _lock = new();
    private readonly List<SimulatedNode> _nodes;
    private readonly Dictionary<string, SimulatedNode> _homes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _addresses = new(StringComparer.Ordinal);

    public Scheduler(IEnumerable<SimulatedNode> nodes) => _nodes =
    [
        .. nodes.GroupBy(n => n.Zone).SelectMany(zone => zone.Select((node, index) => (node, index)))
            .OrderBy(n => n.index).ThenBy(n => n.node.Zone, StringComparer.Ordinal).Select(n => n.node),
    ];

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    public SimulatedNode Place(V1Pod pod)
    {
        var name = pod.Name();
        var dash = name.LastIndexOf('-');
        var (group, ordinal) = dash > 0 && int.TryParse(name[(dash + 1)..], out var number) ? (name[..dash], number) : (name, 0);
        lock (_lock)
        {
            if (!_homes.TryGetValue(ObjectKey.Of(pod), out var node))
                _homes[ObjectKey.Of(pod)] = node = _nodes[(int)((StableHash.Of(group) + ordinal) % _nodes.Count)];
            return node;
        }
    }

    /// <summary>An address that no Pod of this node has had before.</summary>
    public string NextAddress(string node)
    {
        lock (_lock)
        {
            var used = _addresses[node] = _addresses.GetValueOrDefault(node) + 1;
            return $"10.{100 + _nodes.FindIndex(n => n.Name == node)}.{used / 250}.{used % 250 + 2}";
        }
    }

    public string HostAddress(string node) => $"192.168.10.{10 + _nodes.FindIndex(n => n.Name == node)}";
}
