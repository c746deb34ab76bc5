using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Documents;

/// <summary>Stages read the same in a plan and in a profile.</summary>
internal static class StageReader
{
    public static readonly DocShape Stage = new("A stage", "stage", ["name", "component", "shards", "roles", "gate", "soak", "shardsAtOnce", "hooks", "analysis"])
    {
        NotActedOn = ImmutableDictionary<string, string>.Empty
            .Add("backup", "Take the backup before approving the stage's gate.")
            .Add("window", "Open the stage by a gate.")
            .Add("finalise", "It is the plan's own last step: give finalise beside stages."),
    };

    public static readonly DocShape Shards = new("A shard selector", "shards", ["count", "percent", "names"]);

    public static readonly DocShape Gate = new("A gate", "gate", ["approvals", "groups", "from", "deadline", "remind", "onDeadline", "at"])
    {
        NotActedOn = ImmutableDictionary<string, string>.Empty.Add("users", "Name groups."),
    };

    public static readonly string[] Roles = ["all", "followers", "leader"];
    public static readonly string[] OnDeadline = ["hold", "abort", "rollback", "reject"];
    public static readonly string[] At = ["BeforeStage", "BeforeSwitchover"];

    public const int MostApprovals = 20;
    public static readonly TimeSpan LongestDeadline = TimeSpan.FromDays(30);
    public static readonly TimeSpan LongestSoak = TimeSpan.FromDays(7);

    public static ImmutableArray<StageSpec> Read(ImmutableArray<(DocNode Node, string Path)> items, DocErrors errors)
    {
        var stages = ImmutableArray.CreateBuilder<StageSpec>();
        foreach (var (node, path) in items)
        {
            if (DocFields.Of(node, path, Stage, errors) is not { } fields)
                continue;
            var stage = Read(fields, errors);
            if (stage.Name.Length > 0 && stages.Any(s => s.Name == stage.Name))
                fields.Error("name", $"Two stages are called '{stage.Name}'.");
            stages.Add(stage);
        }
        return stages.ToImmutable();
    }

    private static StageSpec Read(DocFields fields, DocErrors errors)
    {
        var roles = fields.OneOf("roles", Roles) ?? "all";
        var gate = fields.Object("gate", Gate) is { } g ? ReadGate(g, roles) : null;
        return new StageSpec
        {
            Name = fields.Matching("name", Forms.IsStage(), Forms.Stage, required: true) ?? "",
            Component = fields.Matching("component", Forms.IsSubdomain(), Forms.Subdomain),
            Shards = ReadShards(fields, errors),
            Roles = roles,
            Gate = gate,
            Soak = fields.Duration("soak", TimeSpan.Zero, LongestSoak) ?? TimeSpan.Zero,
            ShardsAtOnce = fields.Int("shardsAtOnce", 1, 1000),
            Hooks = ActionReader.Hooks(fields, HookPoints.OfStages, "hook-", errors),
            Analyses = AnalysisReader.Read(fields, errors),
        };
    }

    private static ShardSelector ReadShards(DocFields stage, DocErrors errors)
    {
        const string forms = "rest, or one of { count: N }, { percent: N }, { names: [a, b] }";
        switch (stage.Node("shards", required: true))
        {
            case null:
                return new ShardSelector { Rest = true };
            case DocScalar { Text: "rest" }:
                return new ShardSelector { Rest = true };
            case DocMap map when DocFields.Of(map, stage.PathOf("shards"), Shards, errors) is { } fields:
                var given = Shards.Keys.Count(fields.Has);
                if (given != 1)
                    stage.Error("shards", given == 0 ? "'shards' chooses nothing." : "'shards' must choose in one way only.", forms);
                return new ShardSelector
                {
                    Count = fields.Int("count", 1, 100_000),
                    Percent = fields.Int("percent", 1, 100),
                    Names = fields.Texts("names", form: Forms.IsSubdomain(), what: "a shard name", whenEmpty: "'names' is empty; name at least one shard."),
                };
            case var other:
                stage.Error("shards", $"'shards' cannot be {other.What}.", forms);
                return new ShardSelector { Rest = true };
        }
    }

    internal static GateSpec ReadGate(DocFields fields, string roles)
    {
        var gate = new GateSpec
        {
            Approvals = fields.Int("approvals", 1, MostApprovals) ?? 1,
            Groups = fields.Texts("groups", form: Forms.IsGroup(), what: Forms.Group, whenEmpty: "'groups' is empty; leave it out if anybody who may approve will do."),
            From = fields.Texts("from", form: Forms.IsGroup(), what: Forms.Group, whenEmpty: "'from' is empty; leave it out if anybody who may approve will do."),
            Deadline = fields.Duration("deadline", TimeSpan.FromSeconds(1), LongestDeadline),
            Remind = fields.Duration("remind", TimeSpan.FromSeconds(1), LongestDeadline),
            OnDeadline = fields.OneOf("onDeadline", OnDeadline) ?? "hold",
            At = fields.OneOf("at", At) ?? "BeforeStage",
        };
        if (gate.Groups.Length > gate.Approvals)
            fields.Error("groups", $"The gate asks for an approval from each of {gate.Groups.Length} groups but only for {gate.Approvals} in all.", $"approvals: {gate.Groups.Length} or more, or fewer groups");
        if (fields.Has("onDeadline") && !fields.Has("deadline"))
            fields.Error("onDeadline", "'onDeadline' without a 'deadline' would never happen.", "add a deadline, or leave onDeadline out");
        if (gate.From is { IsEmpty: false } from && gate.Groups.FirstOrDefault(g => !from.Contains(g)) is { } stranger)
            fields.Error("groups", $"The gate asks for an approval from {stranger}, but only lets {string.Join(" and ", from)} count.", $"add {stranger} to 'from', or take it out of 'groups'");
        if (fields.Has("remind") && gate.Deadline is null)
            fields.Error("remind", "'remind' without a 'deadline' has nothing to remind of.", "add a deadline, or leave remind out");
        else if (gate.Remind >= gate.Deadline)
            fields.Error("remind", "'remind' is the time left when people are reminded; it must be shorter than the deadline.", "a duration below the deadline");
        if (gate.At == "BeforeSwitchover" && roles == "followers")
            fields.Error("at", "A stage of followers has no switchover, so this gate would never be asked.", "BeforeStage");
        return gate;
    }
}
