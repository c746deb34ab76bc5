using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model;

/// <summary>One row of the treegrid.</summary>
/// <param name="Key">component, component/shard, or component/shard/instance.</param>
/// <param name="Position">1-based among its siblings, of <paramref name="SetSize"/>.</param>
public sealed record TopologyRow(string Key, int Level, int Position, int SetSize, string Name)
{
    public string? Parent { get; init; }
    public bool Expandable { get; init; }
    public bool Expanded { get; init; }
    public InstanceRef? Ref { get; init; }
    public Instance? Instance { get; init; }
    public string Role { get; init; } = "";
    public string Version { get; init; } = "";
    public string Ready { get; init; } = "";
    public string Lag { get; init; } = "";
    public MemberState State { get; init; } = new("ok", "");
}

/// <summary>
/// The graph as rows: component, shard, member, in the graph's own order. Pure; what is collapsed yields no rows, so that ten thousand members cost what is shown.
/// </summary>
public static class TopologyRows
{
    public static ImmutableArray<TopologyRow> Build(TopologySnapshot topology, RunView? run, Func<string, string?, bool> leads, IReadOnlySet<string> collapsed, string search = "")
    {
        var rows = ImmutableArray.CreateBuilder<TopologyRow>();
        var components = topology.Components;
        for (var c = 0; c < components.Length; c++)
            AddComponent(rows, components[c], c + 1, components.Length, run, leads, collapsed, search.Trim());
        return rows.ToImmutable();
    }

    private static void AddComponent(ImmutableArray<TopologyRow>.Builder rows, Component component, int position, int size, RunView? run, Func<string, string?, bool> leads, IReadOnlySet<string> collapsed, string search)
    {
        var shards = component.Shards
            .Select(shard => (shard, members: Order(shard, role => leads(component.Name, role)).Where(i => Fits(search, component, shard, i)).ToArray()))
            .Where(s => s.members.Length > 0 || search.Length == 0)
            .ToArray();
        if (shards.Length == 0)
            return;
        var open = search.Length > 0 || !collapsed.Contains(component.Name);
        var all = component.Shards.SelectMany(s => s.Instances);
        rows.Add(new TopologyRow(component.Name, 1, position, size, component.Name)
        {
            Expandable = true,
            Expanded = open,
            Version = component.Versions.Length > 1 ? string.Join(", ", component.Versions) : component.Version,
            Ready = Count(all),
            State = Worst(all),
        });
        if (!open)
            return;
        for (var s = 0; s < shards.Length; s++)
            AddShard(rows, component, shards[s].shard, shards[s].members, s + 1, shards.Length, run, collapsed, search);
    }

    private static void AddShard(ImmutableArray<TopologyRow>.Builder rows, Component component, Shard shard, Instance[] members, int position, int size, RunView? run, IReadOnlySet<string> collapsed, string search)
    {
        var key = $"{component.Name}/{shard.Name}";
        var open = search.Length > 0 || !collapsed.Contains(key);
        rows.Add(new TopologyRow(key, 2, position, size, shard.Name)
        {
            Parent = component.Name,
            Expandable = true,
            Expanded = open,
            Version = string.Join(", ", shard.Instances.Select(i => i.Version).Where(v => v.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
            Ready = Count(shard.Instances),
            State = ShardState(run, component.Name, shard),
        });
        if (!open)
            return;
        for (var i = 0; i < members.Length; i++)
            rows.Add(Member(component, shard, members[i], i + 1, members.Length, run) with { Parent = key });
    }

    private static TopologyRow Member(Component component, Shard shard, Instance instance, int position, int size, RunView? run)
    {
        var health = InstanceMeaning.Health(instance);
        var step = InstanceMeaning.StepAt(run, component.Name, shard.Name, instance.Name);
        return new TopologyRow($"{component.Name}/{shard.Name}/{instance.Name}", 3, position, size, instance.Name)
        {
            Ref = new InstanceRef(component.Name, shard.Name, instance.Name),
            Instance = instance,
            Role = instance.Role ?? "",
            Version = instance.Version,
            Ready = instance.Ready ? "yes" : "no",
            Lag = InstanceMeaning.Lag(instance) ?? "",
            State = step is null || health.Tone == "bad" ? health : new MemberState(step.State == StepState.Waiting ? "wait" : "moving", InstanceMeaning.StepWord(step)),
        };
    }

    // The leader is swapped with the first member, as in the graph's lanes.
    private static Instance[] Order(Shard shard, Func<string?, bool> leads)
    {
        var members = shard.Instances.OrderBy(i => i.Ordinal).ThenBy(i => i.Name, StringComparer.Ordinal).ToArray();
        var leader = Array.FindIndex(members, i => leads(i.Role));
        if (leader > 0)
            (members[0], members[leader]) = (members[leader], members[0]);
        return members;
    }

    private static bool Fits(string search, Component component, Shard shard, Instance instance) => search.Length == 0
        || new[] { component.Name, shard.Name, instance.Name, instance.Role, instance.Version, instance.Node, instance.Zone }.Any(v => v?.Contains(search, StringComparison.OrdinalIgnoreCase) == true);

    private static string Count(IEnumerable<Instance> members)
    {
        var (ready, all) = (0, 0);
        foreach (var member in members)
        {
            all++;
            if (member.Ready)
                ready++;
        }
        return $"{ready} of {all}";
    }

    private static MemberState Worst(IEnumerable<Instance> members)
    {
        var states = members.Select(InstanceMeaning.Health).GroupBy(s => s.Tone).ToDictionary(g => g.Key, g => g.Count());
        return states.TryGetValue("bad", out var bad) ? new("bad", bad == 1 ? "1 needs attention" : $"{bad} need attention")
            : states.TryGetValue("wait", out var wait) ? new("wait", $"{wait} unknown")
            : states.TryGetValue("moving", out var moving) ? new("moving", $"{moving} changing")
            : new("ok", "all ready");
    }

    private static MemberState ShardState(RunView? run, string component, Shard shard)
    {
        var worst = Worst(shard.Instances);
        if (run is null || run.Terminal || worst.Tone == "bad")
            return worst;
        var steps = run.Steps.Where(s => s.Component == component && s.Shard == shard.Name).ToArray();
        return steps.FirstOrDefault(s => s.State == StepState.Waiting) is { } waiting ? new("wait", waiting.Reason?.Text ?? "waits")
            : steps.FirstOrDefault(s => s.State == StepState.Running) is { } running ? new("moving", running.Title)
            : steps.Length > 0 && steps.All(s => s.State is StepState.Succeeded or StepState.Skipped) ? new("ok", "done")
            : worst;
    }
}
