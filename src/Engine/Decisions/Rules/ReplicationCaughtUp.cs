using System.Globalization;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 12. A member counts as in sync when its link to the leader stands and its lag is within the limit, in the engine's own unit, by a reading of the present Pod.
/// Limits: plan <c>safety.lag</c>, else the profile's.
/// </summary>
public static class ReplicationCaughtUp
{
    public const string Name = "ReplicationCaughtUp";

    public static Verdict Check(ShardContext s, Instance m, TimeSpan maxAge)
    {
        if (!s.Profile.HasRoles)
            return Verdict.Allow;
        if (s.UsesLabel(m))
            return s.RoleOf(m).Role is null
                ? Verdict.Wait(new Reason($"{m.Name} has no role label yet, so it has not joined {s.Name}.", Name) { Next = "Goes on by itself when the label is there." })
                : Verdict.Allow; // nobody measures lag here: the plan says so (rule LagSource)
        if (s.AnswerAge(m) is not { } age)
        {
            var error = m.Probe is { Error: { } e } r && r.Uid == m.Uid ? $" Last answer: {e}." : "";
            return Verdict.Ask(new Reason($"Asking {m.Name} whether it has caught up.{error}", Name) { Next = "Goes on with the answer." }, [m.Name], maxAge);
        }
        // What an old answer held against it stays the Reason while it is asked again; only a fresh one may allow.
        var verdict = Judge(s, m, ShardContext.Answer(m)!);
        return verdict.Allows && age > maxAge ? Verdict.Ask(new Reason($"Asking {m.Name} once more whether it is still in sync.", Name) { Next = "Goes on with the answer." }, [m.Name], maxAge) : verdict;
    }

    /// <summary>The lag in words, for evidence.</summary>
    public static string Describe(Instance m) => m.LagBytes is { } b ? ShardContext.Bytes(b) + " behind" : m.LagSeconds is { } l ? string.Create(CultureInfo.InvariantCulture, $"{l:0.#} s behind") : "not measured";

    private static Verdict Judge(ShardContext s, Instance m, Reading answer)
    {
        if (s.Profile.Normalise(answer.Role) is null)
            return Verdict.Ask(new Reason($"{m.Name} does not say a role yet.", Name), [m.Name], Verdict.Soon);
        if (s.Leads(m))
            return Verdict.Allow;
        if (answer.Linked == false)
        {
            var bad = s.Profile.Probe!.Linked.FirstOrDefault(l => answer.Values.GetValueOrDefault(l.Key) != l.Value);
            var behind = m.LagBytes is > 0 || m.LagSeconds is > 0 ? $" It is {Describe(m)}." : "";
            return Verdict.Ask(new Reason($"{m.Name} is not yet connected to its leader: {bad.Key} is {answer.Values.GetValueOrDefault(bad.Key ?? "", "missing")}.{behind}", Name)
            {
                Evidence = [new Evidence($"link of {m.Name}", "down", answer.Source, answer.At)], Next = "Asked again by itself.",
            }, [m.Name], Verdict.Soon);
        }
        var maxBytes = s.State.Plan.Spec.Safety.LagMaxBytes ?? s.Profile.Lag.MaxBytes;
        var maxSeconds = s.State.Plan.Spec.Safety.LagMaxSeconds ?? s.Profile.Lag.MaxSeconds;
        if (maxBytes is { } bytes && m.LagBytes is { } missing && missing > bytes)
            return Behind(s, m, answer, $"{ShardContext.Bytes(missing)} behind, the limit is {ShardContext.Bytes(bytes)}");
        if (maxSeconds is { } seconds && m.LagSeconds is { } late && late > seconds)
            return Behind(s, m, answer, string.Create(CultureInfo.InvariantCulture, $"{late:0.#} s behind, the limit is {seconds:0.#} s"));
        if (maxBytes is not null && s.Profile.Probe!.Position.Length > 0 && m.LagBytes is null)
            return Verdict.Ask(new Reason($"How far {m.Name} is behind is not known yet.", Name), [m.Name, .. s.Leaders.Select(l => l.Name)], Verdict.Soon);
        return InARow(s, m, answer, maxBytes, maxSeconds);
    }

    /// <summary>One good answer may be luck; the profile says how many in a row it takes.</summary>
    private static Verdict InARow(ShardContext s, Instance m, Reading answer, long? maxBytes, double? maxSeconds)
    {
        var wanted = s.Profile.Lag.Consecutive;
        if (wanted < 2 || (maxBytes is null && maxSeconds is null))
            return Verdict.Allow;
        var samples = m.LagTrack?.Samples ?? [];
        var row = 0;
        for (var i = samples.Length - 1; i >= 0 && row < wanted && samples[i].Linked != false && !(samples[i].Bytes > maxBytes) && !(samples[i].Seconds > maxSeconds); i--)
            row++;
        return row >= wanted ? Verdict.Allow : Verdict.Ask(new Reason($"{m.Name} is in sync; {row} of {wanted} answers in a row have said so.", Name)
        {
            Evidence = [new Evidence($"lag of {m.Name}", Describe(m), answer.Source, answer.At)], Next = "Asked again at once.",
        }, [m.Name, .. s.Leaders.Select(l => l.Name)], Verdict.Soon);
    }

    private static Verdict Behind(ShardContext s, Instance m, Reading answer, string how) =>
        Verdict.Ask(new Reason($"{m.Name} in {s.Name} is {how}.", Name)
        {
            Evidence = [new Evidence($"lag of {m.Name}", Describe(m), answer.Source, answer.At)], Next = "Goes on by itself when it has caught up.",
        }, [m.Name, .. s.Leaders.Select(l => l.Name)], Verdict.Soon);
}
