using System.Globalization;
using System.Reflection;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Rollcall.Simulator.Scenarios;

/// <summary>A scenario that cannot be read; the message says where and why.</summary>
public sealed class ScenarioException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Finds scenarios by the name of a built-in one or by the path of a file.</summary>
public static class ScenarioLoader
{
    private const string ResourceSuffix = ".yaml";

    public static IReadOnlyList<string> BuiltIn { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(n => n.EndsWith(ResourceSuffix, StringComparison.Ordinal))
            .Select(n => n[..^ResourceSuffix.Length].Split('.')[^1]).Order(StringComparer.Ordinal),
    ];

    public static Scenario Load(string nameOrPath)
    {
        var resource = Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .FirstOrDefault(n => n.EndsWith($".{nameOrPath}{ResourceSuffix}", StringComparison.Ordinal));
        if (resource is not null)
        {
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
            using var reader = new StreamReader(stream);
            return Parse(reader.ReadToEnd(), nameOrPath);
        }
        if (!File.Exists(nameOrPath))
            throw new ScenarioException($"There is no scenario \"{nameOrPath}\". Built in are {string.Join(", ", BuiltIn)}; a path to a YAML file works too.");
        return Parse(File.ReadAllText(nameOrPath), nameOrPath);
    }

    public static Scenario Parse(string yaml, string source)
    {
        var deserializer = new DeserializerBuilder()
            .WithNamingConvention(CamelCaseNamingConvention.Instance)
            .WithTypeConverter(new DurationConverter())
            .Build();
        Scenario scenario;
        try
        {
            scenario = deserializer.Deserialize<Scenario>(yaml) ?? new();
        }
        catch (YamlException error)
        {
            throw new ScenarioException($"{source}, line {error.Start.Line}: {error.InnerException?.Message ?? error.Message}", error);
        }
        if (scenario.Name.Length == 0)
            scenario.Name = Path.GetFileNameWithoutExtension(source);
        if (scenario.Extends is { } other)
            scenario = Extend(scenario, other, source);
        if (scenario.Nodes.Count == 0)
            scenario.Nodes = DefaultNodes();
        Check(scenario, source);
        return scenario;
    }

    private static Scenario Extend(Scenario scenario, string other, string source)
    {
        if (scenario.StatefulSets.Count > 0 || scenario.KubeBlocks is not null || scenario.Nodes.Count > 0)
            throw new ScenarioException($"{source}: a scenario that extends another has no nodes, statefulSets or kubeBlocks of its own.");
        if (other == scenario.Name)
            throw new ScenarioException($"{source}: it extends itself.");
        var whole = Load(other);
        return whole with
        {
            Name = scenario.Name,
            Description = scenario.Description.Length > 0 ? scenario.Description : whole.Description,
            Incidents = [.. whole.Incidents, .. scenario.Incidents],
            BadTags = [.. whole.BadTags, .. scenario.BadTags],
        };
    }

    private static void Check(Scenario scenario, string source)
    {
        foreach (var group in scenario.StatefulSets)
        {
            if (group.Cluster.Length == 0 || group.Image.Length == 0 || group.Container.Length == 0)
                throw new ScenarioException($"{source}: each of statefulSets needs cluster, container and image.");
            if (group.AllShards.Count == 0)
                throw new ScenarioException($"{source}: {group.Cluster} needs shards or shardCount.");
            foreach (var shard in group.AllShards)
            {
                foreach (var ordinal in shard.Arbiters.Concat(shard.Hidden).Append(shard.FirstLeader).Where(o => o < 0 || o >= group.Replicas))
                    throw new ScenarioException($"{source}: {shard.Workload} has no member {ordinal}; there are {group.Replicas}.");
                if (shard.Arbiters.Concat(shard.Hidden).Contains(shard.FirstLeader))
                    throw new ScenarioException($"{source}: {shard.Workload}-{shard.FirstLeader} cannot lead first: it is an arbiter or hidden.");
            }
        }
        var known = Demo.IncidentRunner.Kinds;
        foreach (var incident in scenario.Incidents)
        {
            if (!known.Contains(incident.Do))
                throw new ScenarioException($"{source}: incident \"{incident.Do}\" is unknown; known are {string.Join(", ", known)}.");
            CheckTarget(scenario, incident, source);
        }
    }

    /// <summary>An incident that names nothing would quietly not happen.</summary>
    private static void CheckTarget(Scenario scenario, Incident incident, string source)
    {
        var missing = incident switch
        {
            { Do: "failover" or "splitBrain", Cluster: "" } or { Do: "failover" or "splitBrain", Shard: "" } => "cluster and shard",
            { Do: "lag" or "clearLag" or "deletePod", Pod: "" } => "pod",
            { Do: "badImage", Tag: "" } => "tag",
            _ => null,
        };
        if (missing is not null)
            throw new ScenarioException($"{source}: incident \"{incident.Do}\" needs {missing}.");
        if (incident.Do is not ("failover" or "splitBrain"))
            return;
        var shards = scenario.StatefulSets.Where(g => g.Cluster == incident.Cluster).SelectMany(g => g.AllShards.Select(s => s.Name))
            .Concat(scenario.KubeBlocks?.Clusters.Where(c => c.Name == incident.Cluster).SelectMany(c => c.ShardIds.Select(id => $"{c.Sharding}-{id}")) ?? []).ToList();
        if (!shards.Contains(incident.Shard))
            throw new ScenarioException($"{source}: incident \"{incident.Do}\" names shard {incident.Shard} of {incident.Cluster}, which is none of {(shards.Count > 0 ? string.Join(", ", shards) : "this scenario's")}.");
    }

    private static List<NodeSpec> DefaultNodes() =>
    [
        .. from zone in (string[])["a", "b", "c"]
           from number in (int[])[1, 2]
           select new NodeSpec { Name = $"node-{zone}{number}", Zone = $"zone-{zone}" },
    ];

    private sealed class DurationConverter : IYamlTypeConverter
    {
        public bool Accepts(Type type) => type == typeof(TimeSpan) || type == typeof(TimeSpan?);

        public object? ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer)
        {
            var scalar = parser.Consume<Scalar>();
            var text = scalar.Value;
            var (digits, unit) = text switch
            {
                _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 1.0),
                _ when text.EndsWith('s') => (text[..^1], 1000.0),
                _ when text.EndsWith('m') => (text[..^1], 60_000.0),
                "0" => (text, 1.0),
                _ => ("", 0.0),
            };
            return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0
                ? TimeSpan.FromMilliseconds(number * unit)
                : throw new YamlException(scalar.Start, scalar.End, $"\"{text}\" is not a duration such as 900ms, 1.5s or 2m");
        }

        public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer) =>
            throw new NotSupportedException("Scenarios are only read.");
    }
}
