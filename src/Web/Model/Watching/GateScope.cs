using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

/// <summary>What an approval lets happen: everything after the gate up to the next one.</summary>
public sealed record GateScope(int Members, int Switchovers, ImmutableArray<string> Shards, double Seconds, Reversibility Before, Reversibility After, bool ToTheEnd)
{
    public static GateScope None { get; } = new(0, 0, [], 0, Reversibility.L0, Reversibility.L0, false);

    /// <summary>The switchovers that the gate lets happen.</summary>
    public static ImmutableArray<StepView> Handovers(RunView run, GateView gate) =>
        [.. run.Steps.Skip(IndexOf(run, gate) + 1).TakeWhile(s => s.Kind is not StepKind.Gate).Where(s => s.Kind is StepKind.Switchover)];

    public static GateScope Of(RunView run, GateView gate)
    {
        var at = IndexOf(run, gate);
        var rest = run.Steps.Skip(at + 1).ToArray();
        var scope = rest.TakeWhile(s => s.Kind is not StepKind.Gate).ToArray();
        return new GateScope(
            scope.Count(s => s.Kind is StepKind.Replace),
            scope.Count(s => s.Kind is StepKind.Switchover),
            [.. scope.Where(s => s.Kind is StepKind.Replace or StepKind.Switchover).Select(s => s.Shard).OfType<string>().Distinct(StringComparer.Ordinal)],
            scope.Sum(s => s.EstimateSeconds),
            run.Steps.Take(at + 1).Select(s => s.Reversibility).DefaultIfEmpty(Reversibility.L0).Max(),
            scope.Select(s => s.Reversibility).DefaultIfEmpty(Reversibility.L0).Max(),
            scope.Length == rest.Length);
    }

    private static int IndexOf(RunView run, GateView gate)
    {
        StepView[] steps = [.. run.Steps];
        var at = Array.FindIndex(steps, s => s.Kind is StepKind.Gate && s.Stage == gate.Stage && s.Component == gate.Component && (gate.Shard is null || s.Shard == gate.Shard));
        // A gate of a stage whose step is not listed still stands before the stage's first step.
        return at >= 0 ? at : Array.FindIndex(steps, s => s.Stage == gate.Stage && s.Component == gate.Component) - 1;
    }

    public string Sentence()
    {
        var what = new List<string>();
        if (Members > 0)
            what.Add($"{Words.Count(Members, "member")} replaced");
        if (Switchovers > 0)
            what.Add(Words.Count(Switchovers, "switchover"));
        var where = Shards.Length switch { 0 => "", <= 3 => $" in {Words.List(Shards)}", _ => $" in {Shards.Length} shards" };
        return $"{(what.Count == 0 ? "No member is touched" : Words.List(what))}{where}, about {Durations.Format(Seconds)}, then {(ToTheEnd ? "control is given back" : "the next gate")}.";
    }

    /// <param name="now">What a rollback would mean at this moment; a refusal outweighs every level.</param>
    public string Risk(RollbackOutlook? now) => (Before, After) switch
    {
        _ when now is { Allowed: false } => $"{now.Text} This adds to it.",
        (_, Reversibility.L2) => "After this the engine is past its point of no return (L2): there is no rolling back by Rollcall.",
        (Reversibility.L0, Reversibility.L1) => "After this a rollback needs a switchover in each shard that has had one (L1), and is offered only where the files stay readable.",
        (_, Reversibility.L1) => "A rollback needs a switchover in each shard that has had one (L1), before and after this.",
        _ => "A rollback stays a plain replacement of the members touched, with no switchover (L0).",
    };
}
