using System.Globalization;
using Rollcall.Shared;

namespace Rollcall.Web.Model;

/// <summary>State of a member in one tone and one word. The graph's meaning.js says the same in the browser.</summary>
public sealed record MemberState(string Tone, string Word);

public static class InstanceMeaning
{
    public static MemberState Health(Instance instance) => instance switch
    {
        { Problem: { Length: > 0 } problem } => new("bad", problem),
        { Phase: "Missing" } => new("bad", "missing"),
        { Phase: "Failed" } => new("bad", "failed"),
        { Phase: "Terminating" } => new("moving", "terminating"),
        { Phase: "Pending" } => new("moving", "starting"),
        { Phase: "Unknown" } => new("wait", "unknown"),
        { Ready: true } => new("ok", "ready"),
        _ => new("moving", "not ready yet"),
    };

    /// <summary>What a run does to the member right now; null for nothing.</summary>
    public static StepView? StepAt(RunView? run, string component, string shard, string instance) =>
        run is null || run.Terminal ? null : run.Steps.FirstOrDefault(s => s.State is StepState.Running or StepState.Waiting && s.Component == component && s.Shard == shard
            && (s.Kind == StepKind.Switchover ? (s.From ?? s.Instance) == instance || s.To == instance : s.Instance == instance));

    public static string StepWord(StepView step) => (step.State, step.Kind) switch
    {
        (StepState.Waiting, StepKind.Replace) => "waits to be replaced",
        (StepState.Waiting, StepKind.WaitInSync) => "waits to catch up",
        (StepState.Waiting, StepKind.Switchover) => "waits to switch over",
        (StepState.Waiting, _) => "waits",
        (_, StepKind.Replace) => "being replaced",
        (_, StepKind.WaitInSync) => "catching up",
        (_, StepKind.Switchover) => "handing over",
        (_, StepKind.Soak) => "soaking",
        (_, StepKind.Hook) => "a hook runs in it",
        _ => step.Title,
    };

    /// <summary>0.1 s, 12 KiB, in sync; null where nobody measures it.</summary>
    public static string? Lag(Instance instance) => instance switch
    {
        { LagSeconds: { } seconds } => string.Create(CultureInfo.InvariantCulture, $"{(seconds < 10 ? seconds.ToString("0.0", CultureInfo.InvariantCulture) : seconds.ToString("0", CultureInfo.InvariantCulture))} s"),
        { LagBytes: 0 } => "in sync",
        { LagBytes: { } bytes } => Bytes(bytes),
        _ => null,
    };

    public static string Bytes(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1024 && unit < units.Length - 1; unit++)
            value /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 || value >= 100 ? value.ToString("0", CultureInfo.InvariantCulture) : value.ToString("0.0", CultureInfo.InvariantCulture))} {units[unit]}");
    }
}
