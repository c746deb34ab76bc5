using System.Text.Json;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Documents;
using Rollcall.Engine.Profiles;
using Xunit;

namespace Rollcall.Unit.Profiles;

/// <summary>The published schemas and the readers say the same.</summary>
public sealed class SchemaTests
{
    public static TheoryData<string> Files => ["rollout-plan", "engine-profile"];

    private static (JsonElement Schema, IEnumerable<DocShape> Shapes) Load(string name)
    {
        var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "schema", $"{name}.schema.json"))).RootElement;
        return (schema, name == "rollout-plan" ? PlanShapes.All : ProfileShapes.All);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Schema_EveryObject_HasTheKeysTheReaderReads(string name)
    {
        var (schema, shapes) = Load(name);

        Assert.Equal("https://json-schema.org/draft/2020-12/schema", schema.GetProperty("$schema").GetString());
        foreach (var shape in shapes)
        {
            var definition = shape.Definition.Length == 0 ? schema : schema.GetProperty("$defs").GetProperty(shape.Definition);
            Assert.Equal(shape.Keys.Order(StringComparer.Ordinal), definition.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
            Assert.False(definition.GetProperty("additionalProperties").GetBoolean());
            Assert.DoesNotContain(shape.NotActedOn.Keys, shape.Keys.Contains);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Schema_EveryObjectOfTheSchema_IsRead(string name)
    {
        var (schema, shapes) = Load(name);

        var objects = schema.GetProperty("$defs").EnumerateObject().Where(d => d.Value.TryGetProperty("properties", out _)).Select(d => d.Name);
        Assert.Equal(objects.Order(StringComparer.Ordinal), shapes.Select(s => s.Definition).Where(d => d.Length > 0).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Schema_EveryProperty_IsDescribedAndRefersToSomething(string name)
    {
        var (schema, _) = Load(name);
        foreach (var definition in schema.GetProperty("$defs").EnumerateObject().Select(d => d.Value).Append(schema))
        {
            Assert.True(definition.TryGetProperty("description", out _));
            if (!definition.TryGetProperty("properties", out var properties))
                continue;
            foreach (var property in properties.EnumerateObject())
                Assert.True(property.Value.TryGetProperty("description", out _) || property.Value.TryGetProperty("$ref", out _), property.Name);
            foreach (var required in definition.TryGetProperty("required", out var list) ? list.EnumerateArray() : default)
                Assert.True(properties.TryGetProperty(required.GetString()!, out _));
        }
        foreach (var reference in References(schema))
            Assert.True(schema.GetProperty("$defs").TryGetProperty(reference["#/$defs/".Length..], out _), reference);
    }

    private static IEnumerable<string> References(JsonElement node) => node.ValueKind switch
    {
        JsonValueKind.Object => node.EnumerateObject().SelectMany(p => p.Name == "$ref" ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => node.EnumerateArray().SelectMany(References),
        _ => [],
    };

    public static TheoryData<string, string, string, string[]> Words => new()
    {
        { "rollout-plan", "stage", "roles", StageReader.Roles },
        { "rollout-plan", "gate", "onDeadline", StageReader.OnDeadline },
        { "rollout-plan", "gate", "at", StageReader.At },
        { "rollout-plan", "target", "kind", Enum.GetNames<Rollcall.Shared.ClusterKind>() },
        { "engine-profile", "probe", "reader", ProfileReader.Readers },
        { "engine-profile", "finaliser", "implicit", EngineCommandReader.Implicit },
        { "engine-profile", "stage", "roles", StageReader.Roles },
        { "engine-profile", "gate", "onDeadline", StageReader.OnDeadline },
        { "engine-profile", "gate", "at", StageReader.At },
    };

    [Theory]
    [MemberData(nameof(Words))]
    public void Schema_Enumerations_AreTheReaders(string name, string definition, string property, string[] words)
    {
        var (schema, _) = Load(name);
        Assert.Equal(words, schema.GetProperty("$defs").GetProperty(definition).GetProperty("properties").GetProperty(property).GetProperty("enum").EnumerateArray().Select(e => e.GetString()));
    }

    [Fact]
    public void Schema_Acknowledgements_AreTheReaders() =>
        Assert.Equal(Acknowledgements.All, Load("rollout-plan").Schema.GetProperty("$defs").GetProperty("spec").GetProperty("properties").GetProperty("acknowledge").GetProperty("items").GetProperty("enum").EnumerateArray().Select(e => e.GetString()!));

    [Fact]
    public void Guide_Example_IsAProfile()
    {
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "profiles.md"));
        var yaml = guide.Split("```yaml\n")[1].Split("```")[0];

        var read = ProfileReader.Read(yaml, "docs/profiles.md");
        Assert.True(read.Ok, read.Refusal?.Message);
        Assert.Equal("valkey-replication", read.Value.Name);
    }
}
