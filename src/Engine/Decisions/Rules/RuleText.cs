namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Sentences that several rules need.</summary>
internal static class RuleText
{
    private const int Shown = 5;

    /// <summary>"shard a", "shards a, b and 12 more".</summary>
    public static string Names(IReadOnlyList<string> names, string one, string many) =>
        names.Count == 1 ? $"{one} {names[0]}" : $"{many} {string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? $" and {names.Count - Shown} more" : "")}";
}
