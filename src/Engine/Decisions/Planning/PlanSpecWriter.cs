using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Rollcall.Engine.Documents;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>A plan as YAML that a person can read and edit: always the same text for the same plan, defaults left out. <see cref="PlanSpecReader"/> reads it back.</summary>
public static partial class PlanSpecWriter
{
    public static string ToYaml(PlanSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var yaml = new StringBuilder();
        Line(yaml, 0, $"apiVersion: {PlanSpec.ApiVersion}");
        Line(yaml, 0, $"kind: {PlanSpec.Kind}");
        Line(yaml, 0, $"metadata: {{ name: {Text(spec.Name)}, namespace: {Text(spec.Namespace)} }}");
        Line(yaml, 0, "spec:");
        Line(yaml, 1, $"target: {{ kind: {spec.Target.Kind}, name: {Text(spec.Target.Name)} }}");
        Line(yaml, 1, "changes:");
        foreach (var change in spec.Changes)
            Change(yaml, change);
        if (spec.Stages is { } stages)
        {
            Line(yaml, 1, "stages:");
            foreach (var stage in stages)
                Stage(yaml, stage);
        }
        Safety(yaml, spec.Safety);
        if (spec.Rollback is { Automatic: true } or { RestoreLeaders: true })
            Line(yaml, 1, $"rollback: {{ automatic: {Word(spec.Rollback.Automatic)}, restoreLeaders: {Word(spec.Rollback.RestoreLeaders)} }}");
        HookWriter.Write(yaml, 1, spec.Hooks);
        if (spec.Finalise is { } finalise)
            Line(yaml, 1, Finalise(finalise));
        if (!spec.Acknowledge.IsEmpty)
            Line(yaml, 1, $"acknowledge: {Flow(spec.Acknowledge)}");
        return yaml.ToString();
    }

    /// <summary>The key and its value on one line; Compose writes it the same way.</summary>
    public static string Finalise(FinaliseSpec finalise)
    {
        ArgumentNullException.ThrowIfNull(finalise);
        string?[] parts = [finalise.Soak is { } soak ? $"soak: {Durations.Write(soak)}" : null, finalise.Gate is { } gate ? $"gate: {Gate(gate)}" : null];
        return parts.OfType<string>().Any() ? $"finalise: {{ {string.Join(", ", parts.OfType<string>())} }}" : "finalise: {}";
    }

    private static void Change(StringBuilder yaml, ChangeSpec change)
    {
        Line(yaml, 1, $"- component: {Text(change.Component)}");
        if (change.ServiceVersion is { } version)
            Line(yaml, 2, $"serviceVersion: {Text(version)}");
        if (change.ComponentDef is { } definition)
            Line(yaml, 2, $"componentDef: {Text(definition)}");
        if (change.Images.IsEmpty)
            return;
        Line(yaml, 2, "images:");
        foreach (var (container, image) in change.Images)
            Line(yaml, 3, $"{Text(container)}: {Text(image)}");
    }

    private static void Stage(StringBuilder yaml, StageSpec stage)
    {
        Line(yaml, 1, $"- name: {Text(stage.Name)}");
        if (stage.Component is { } component)
            Line(yaml, 2, $"component: {Text(component)}");
        Line(yaml, 2, $"shards: {Shards(stage.Shards)}");
        if (stage.Roles != "all")
            Line(yaml, 2, $"roles: {stage.Roles}");
        if (stage.ShardsAtOnce is { } atOnce)
            Line(yaml, 2, string.Create(CultureInfo.InvariantCulture, $"shardsAtOnce: {atOnce}"));
        if (stage.Soak > TimeSpan.Zero)
            Line(yaml, 2, $"soak: {Durations.Write(stage.Soak)}");
        if (stage.Gate is { } gate)
            Line(yaml, 2, $"gate: {Gate(gate)}");
        HookWriter.Write(yaml, 2, stage.Hooks);
        AnalysisWriter.Write(yaml, 2, stage.Analyses);
    }

    private static string Shards(ShardSelector shards) => shards switch
    {
        { Count: { } count } => string.Create(CultureInfo.InvariantCulture, $"{{ count: {count} }}"),
        { Percent: { } percent } => string.Create(CultureInfo.InvariantCulture, $"{{ percent: {percent} }}"),
        { Names.IsEmpty: false } => $"{{ names: {Flow(shards.Names)} }}",
        _ => "rest",
    };

    private static string Gate(GateSpec gate)
    {
        var parts = new List<string> { string.Create(CultureInfo.InvariantCulture, $"approvals: {gate.Approvals}") };
        if (!gate.Groups.IsEmpty)
            parts.Add($"groups: {Flow(gate.Groups)}");
        if (!gate.From.IsEmpty)
            parts.Add($"from: {Flow(gate.From)}");
        if (gate.Deadline is { } deadline)
            parts.Add($"deadline: {Durations.Write(deadline)}, onDeadline: {gate.OnDeadline}");
        if (gate.Remind is { } remind)
            parts.Add($"remind: {Durations.Write(remind)}");
        if (gate.At != "BeforeStage")
            parts.Add($"at: {gate.At}");
        return $"{{ {string.Join(", ", parts)} }}";
    }

    private static void Safety(StringBuilder yaml, SafetySpec safety)
    {
        if (safety with { Freeze = safety.Freeze.IsEmpty ? [] : safety.Freeze } == new SafetySpec())
            return;
        Line(yaml, 1, "safety:");
        if (safety.LagMaxBytes is { } bytes)
            Line(yaml, 2, string.Create(CultureInfo.InvariantCulture, $"lag: {{ maxBytes: {bytes} }}"));
        else if (safety.LagMaxSeconds is { } seconds)
            Line(yaml, 2, string.Create(CultureInfo.InvariantCulture, $"lag: {{ maxSeconds: {(decimal)seconds} }}"));
        if (safety.ReadyDeadline is { } ready)
            Line(yaml, 2, $"readyDeadline: {Durations.Write(ready)}");
        if (!safety.Cooldown.Empty)
            Line(yaml, 2, $"cooldown: {{ {string.Join(", ", Cooldown(safety.Cooldown))} }}");
        if (safety.ZoneExclusive is { } zones)
            Line(yaml, 2, $"zoneExclusive: {Word(zones)}");
        if (safety.PartlyUpdatedShards is { } partly)
            Line(yaml, 2, string.Create(CultureInfo.InvariantCulture, $"partlyUpdatedShards: {partly}"));
        if (safety.RestoreLeaders)
            Line(yaml, 2, "restoreLeaders: true");
        if (safety.Backup is { } backup)
            Line(yaml, 2, $"backup: {{ {string.Join(", ", Backup(backup))} }}");
        if (safety.HandoverWindow is { } window)
            Line(yaml, 2, $"handoverWindow: {{ {Window(window)} }}");
        if (!safety.Freeze.IsEmpty)
            Line(yaml, 2, "freeze:");
        foreach (var freeze in safety.Freeze)
            Line(yaml, 2, $"- {{ {(freeze.Name.Length > 0 ? $"name: {Text(freeze.Name)}, " : "")}{Window(freeze)} }}");
    }

    private static IEnumerable<string> Cooldown(CooldownSpec cooldown)
    {
        if (cooldown.Member is { } member)
            yield return $"member: {Durations.Write(member)}";
        if (cooldown.Shard is { } shard)
            yield return $"shard: {Durations.Write(shard)}";
        if (cooldown.Zone is { } zone)
            yield return $"zone: {Durations.Write(zone)}";
    }

    private static IEnumerable<string> Backup(BackupSpec backup)
    {
        if (backup.MaxAge is { } age)
            yield return $"maxAge: {Durations.Write(age)}";
        if (backup.Take is not { Backup: { } by } take)
            yield break;
        var parts = new List<string> { $"method: {Text(by.Method)}" };
        if (by.Policy is { } policy)
            parts.Insert(0, $"policy: {Text(policy)}");
        if (take.Timeout != PlanSpecReader.DefaultBackup)
            parts.Add($"timeout: {Durations.Write(take.Timeout)}");
        if (take.Retries > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"retries: {take.Retries}"));
        yield return $"take: {{ {string.Join(", ", parts)} }}";
    }

    private static string Window(WindowSpec window) => $"cron: {Text(window.Cron)}, duration: {Durations.Write(window.Duration)}, timeZone: {Text(window.TimeZone)}";

    private static void Line(StringBuilder yaml, int indent, string text) => yaml.Append(' ', indent * 2).Append(text).Append('\n');

    private static string Word(bool value) => value ? "true" : "false";

    private static string Flow(IEnumerable<string> items) => $"[{string.Join(", ", items.Select(Text))}]";

    /// <summary>Quoted wherever another YAML reader might see a number, a truth value or a date.</summary>
    internal static string Text(string value) => Plain().IsMatch(value) && !Special().IsMatch(value) ? value : $"\"{Escape(value)}\"";

    private static string Escape(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var c in value)
            _ = c switch
            {
                '"' or '\\' => text.Append('\\').Append(c),
                < ' ' or '\u007f' => text.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => text.Append(c),
            };
        return text.ToString();
    }

    [GeneratedRegex("^[A-Za-z0-9_/.]([A-Za-z0-9_./:@+-]*[A-Za-z0-9_./@+-])?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Plain();

    /// <summary>Numbers in every YAML 1.1 disguise (1_000, 0x1f, 12e3, 1:30), dates, and the words that mean true, false or nothing.</summary>
    [GeneratedRegex("^([0-9.][0-9_.:]*([eE][+-]?[0-9]+)?|0[xo][0-9a-fA-F]+|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|true|false|yes|no|on|off|y|n|null)$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Special();
}
