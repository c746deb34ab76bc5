using System.Collections.Immutable;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>Offers the engine's own commands as steps of the run and reads what they answered. What is done is a line of the journal, so that a crash repeats nothing that has an answer.</summary>
internal sealed class EngineSteps(DecisionBuilder b, Settling settling)
{
    private const int Retries = 2;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    /// <summary>One command, and what makes it a step.</summary>
    public sealed record Command(string Step, StepKind Kind, string Title, CommandPlace Place, ImmutableArray<string> Argv)
    {
        public string Stage { get; init; } = "";
        public string Rule { get; init; } = "";
        public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
        /// <summary>What it prints when all is well; a preview assumes it.</summary>
        public string Says { get; init; } = "";
        public bool GivesBack { get; init; }
    }

    /// <summary>The step once it has run to its end; null as long as it has not, after it was offered or its wait was said.</summary>
    public StepEntry? Run(Command command)
    {
        var step = b.Ledger.Step(command.Step);
        if (step is { Done: true })
            return step;
        if (step is null || settling.MayRetry(command.Step))
            Offer(command, step);
        return null;
    }

    /// <summary>True once the command has said it; else it is asked again, until the deadline.</summary>
    /// <param name="what">"the balancer is idle"</param>
    public bool Until(Command command, TimeSpan deadline, string what)
    {
        if (Run(command) is not { } step)
            return false;
        if (Says(step, command.Says))
            return true;
        var first = step.Attempts.FirstOrDefault(a => a.Seq > b.Ledger.RetriedSeq)?.StartedAt ?? b.Ledger.RetriedAt!.Value;
        var due = first + deadline;
        var reason = new Reason($"Waiting until {what}: it says “{Last(step)}”.", command.Rule) { Deadline = due, Next = "Asked again by itself; pauses for a person at the deadline." };
        if (b.Now >= due)
            b.Pause(reason with { Deadline = null, Text = $"After {ShardContext.Duration(deadline)} still waiting until {what}: it says “{Last(step)}”.", Next = "Help it, then press Retry; or abort, or roll back." });
        else if (b.Now < step.EndedAt + Between)
            b.Wait(command.Step, reason, step.EndedAt + Between);
        else
            Offer(command, step);
        return false;
    }

    /// <summary>It was tried as often as it may be, and a person was asked; on the way out of a run nobody answers.</summary>
    public bool GivenUp(string id) =>
        b.Ledger.Step(id) is { Open: true } step && !settling.MayRetry(id)
        && (step.Last.Status is ActStatus.Refused || Attempts.FailuresInARow(b.Ledger, step) > Retries);

    public static bool Says(StepEntry? step, string words) => step?.Last.Output is { } output && output.Tail.Contains(words, StringComparison.Ordinal);

    /// <summary>The last line it printed.</summary>
    public static string Last(StepEntry step) =>
        step.Last.Output?.Tail.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() is { Length: > 0 } line ? line.Length > 120 ? line[..120] + "…" : line : "nothing";

    private void Offer(Command command, StepEntry? step)
    {
        if (Find(b.State, command.Place) is not { } at)
        {
            b.Wait(command.Step, new Reason($"{command.Title}: no {Describe(command.Place)} is Ready to run it in.", command.Rule) { Next = "Goes on by itself when one is." });
            return;
        }
        var container = command.Place.Containers.FirstOrDefault(at.Member.Images.ContainsKey);
        var act = new ActionAct(command.Step, at.Component, null, at.Member.Name, new ActionSpec { Exec = new ExecAction { Container = container, Command = command.Argv }, Timeout = command.Timeout, Retries = Retries })
        {
            Stage = command.Stage, Expects = command.Says, GivesBack = command.GivesBack,
        };
        var under = command.Kind == StepKind.Finalise ? b.Plan.Components[^1].Name : b.Plan.Components[0].Name;
        b.Offer(new StepStarted(command.Step, command.Kind, under, command.Stage, null, at.Member.Name, (step?.Last.Number ?? 0) + 1, act) { Title = command.Title }, act);
    }

    /// <summary>The member in which a command runs now.</summary>
    public static (string Component, Instance Member)? Find(DecisionState state, CommandPlace place) => Find(state.Topology!, place);

    public static (string Component, Instance Member)? Find(TopologySnapshot topology, CommandPlace place)
    {
        foreach (var pattern in place.Components.IsEmpty ? ["*"] : place.Components)
            foreach (var c in topology.Components)
                if (NamePattern.Matches(pattern, c.Name))
                    foreach (var m in c.Shards.SelectMany(s => s.Instances))
                        if (m.Ready && m.Phase is not ("Terminating" or "Missing") && (place.Role is null || m.Role == place.Role))
                            return (c.Name, m);
        return null;
    }

    /// <summary>A component in which the command could run is part of the cluster.</summary>
    public static bool Exists(TopologySnapshot topology, CommandPlace place) => place.Components.IsEmpty || topology.Components.Any(c => place.Components.Any(p => NamePattern.Matches(p, c.Name)));

    private static string Describe(CommandPlace place)
    {
        var names = place.Components.Select(c => c.Trim('*')).Where(c => c.Length > 0).ToList();
        return $"{place.Role ?? "member"}{(names.Count == 0 ? "" : $" of {string.Join(" or ", names)}")}";
    }
}
