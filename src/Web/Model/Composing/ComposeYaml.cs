using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Shared;
using SpecDurations = Rollcall.Engine.Documents.Durations;

namespace Rollcall.Web.Model.Composing;

/// <summary>Writes the form as the document that the YAML tab shows, the preview reads and the plan keeps. Defaults are left out, so that it says only what was chosen.</summary>
public static partial class ComposeYaml
{
    public static string Write(ComposeForm form)
    {
        var yaml = new StringBuilder();
        yaml.Append(CultureInfo.InvariantCulture, $"apiVersion: {PlanSpec.ApiVersion}\nkind: {PlanSpec.Kind}\n");
        yaml.Append(CultureInfo.InvariantCulture, $"metadata:\n  name: {Text(form.Name)}\n  namespace: {Text(form.Namespace)}\n");
        yaml.Append(CultureInfo.InvariantCulture, $"spec:\n  target:\n    kind: {form.Target.Kind}\n    name: {Text(form.Target.Name)}\n");
        Changes(yaml, form);
        if (!form.ProfileStages)
            Stages(yaml, form);
        HookForm.Write(yaml, "  ", form.Hooks);
        Limits(yaml, form);
        return yaml.ToString();
    }

    private static void Changes(StringBuilder yaml, ComposeForm form)
    {
        var changes = form.Changed.Select(c => c.Change()!).ToArray();
        yaml.Append(changes.Length == 0 ? "  changes: []\n" : "  changes:\n");
        foreach (var change in changes)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"  - component: {Text(change.Component)}\n");
            if (change.ServiceVersion is { Length: > 0 } version)
                yaml.Append(CultureInfo.InvariantCulture, $"    serviceVersion: {Text(version)}\n");
            if (change.ComponentDef is { } definition)
                yaml.Append(CultureInfo.InvariantCulture, $"    componentDef: {Text(definition)}\n");
            if (!change.Images.IsEmpty)
                yaml.Append("    images:\n");
            foreach (var (container, image) in change.Images)
                yaml.Append(CultureInfo.InvariantCulture, $"      {Text(container)}: {Text(image)}\n");
        }
    }

    private static void Stages(StringBuilder yaml, ComposeForm form)
    {
        yaml.Append(form.Stages.Count == 0 ? "  stages: []\n" : "  stages:\n");
        foreach (var stage in form.Stages)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"  - name: {Text(stage.Name)}\n");
            if (stage.Component.Length > 0)
                yaml.Append(CultureInfo.InvariantCulture, $"    component: {Text(stage.Component)}\n");
            yaml.Append(CultureInfo.InvariantCulture, $"    shards: {Shards(stage)}\n");
            if (stage.Roles != "all")
                yaml.Append(CultureInfo.InvariantCulture, $"    roles: {Text(stage.Roles)}\n");
            if (stage.ShardsAtOnce.Length > 0)
                yaml.Append(CultureInfo.InvariantCulture, $"    shardsAtOnce: {Number(stage.ShardsAtOnce)}\n");
            if (stage.Soak.Length > 0)
                yaml.Append(CultureInfo.InvariantCulture, $"    soak: {Text(stage.Soak)}\n");
            if (stage.HasGate)
                Gate(yaml, stage);
            HookForm.Write(yaml, "    ", stage.Hooks);
        }
    }

    private static string Shards(StageForm stage) => stage.By switch
    {
        ShardsBy.Rest => "rest",
        ShardsBy.Count => $"{{ count: {Number(stage.Amount)} }}",
        ShardsBy.Percent => $"{{ percent: {Number(stage.Amount)} }}",
        _ => $"{{ names: [{string.Join(", ", stage.Names.Select(Text))}] }}",
    };

    private static void Gate(StringBuilder yaml, StageForm stage)
    {
        yaml.Append(CultureInfo.InvariantCulture, $"    gate:\n      approvals: {Number(stage.Approvals)}\n");
        if (stage.GroupNames.Any())
            yaml.Append(CultureInfo.InvariantCulture, $"      groups: [{string.Join(", ", stage.GroupNames.Select(Text))}]\n");
        if (stage.FromNames.Any())
            yaml.Append(CultureInfo.InvariantCulture, $"      from: [{string.Join(", ", stage.FromNames.Select(Text))}]\n");
        if (stage.Remind.Length > 0)
            yaml.Append(CultureInfo.InvariantCulture, $"      remind: {Text(stage.Remind)}\n");
        if (stage.Deadline.Length > 0)
            yaml.Append(CultureInfo.InvariantCulture, $"      deadline: {Text(stage.Deadline)}\n      onDeadline: {Text(stage.OnDeadline)}\n");
        if (stage.At != "BeforeStage")
            yaml.Append(CultureInfo.InvariantCulture, $"      at: {Text(stage.At)}\n");
    }

    private static void Limits(StringBuilder yaml, ComposeForm form)
    {
        var take = form.BackupMethod.Length + form.BackupPolicy.Length + form.BackupTimeout.Length + form.BackupRetries.Length > 0;
        if (form.LagMaxBytes.Length + form.LagMaxSeconds.Length + form.ReadyDeadline.Length + form.BackupMaxAge.Length + form.Freeze.Count > 0 || take || form.HandoverWindow is not null || form.OtherSafety != new SafetySpec())
            yaml.Append("  safety:\n");
        if (form.LagMaxBytes.Length + form.LagMaxSeconds.Length > 0)
            yaml.Append("    lag:\n");
        if (form.LagMaxBytes.Length > 0)
            yaml.Append(CultureInfo.InvariantCulture, $"      maxBytes: {Number(form.LagMaxBytes)}\n");
        if (form.LagMaxSeconds.Length > 0)
            yaml.Append(CultureInfo.InvariantCulture, $"      maxSeconds: {Number(form.LagMaxSeconds)}\n");
        if (form.ReadyDeadline.Length > 0)
            yaml.Append(CultureInfo.InvariantCulture, $"    readyDeadline: {Text(form.ReadyDeadline)}\n");
        OtherLimits(yaml, form.OtherSafety);
        Windows(yaml, form);
        if (form.BackupMaxAge.Length > 0 || take)
            yaml.Append("    backup:\n");
        if (form.BackupMaxAge.Length > 0)
            yaml.Append(CultureInfo.InvariantCulture, $"      maxAge: {Text(form.BackupMaxAge)}\n");
        if (take)
            yaml.Append("      take:\n");
        foreach (var (key, value) in ((string, string)[])[("policy", form.BackupPolicy), ("method", form.BackupMethod), ("timeout", form.BackupTimeout), ("retries", form.BackupRetries)])
            if (value.Length > 0)
                yaml.Append(CultureInfo.InvariantCulture, $"        {key}: {(key == "retries" ? Number(value) : Text(value))}\n");
        if (form.AutomaticRollback || form.RestoreLeaders)
            yaml.Append(CultureInfo.InvariantCulture, $"  rollback:\n    automatic: {(form.AutomaticRollback ? "true" : "false")}\n    restoreLeaders: {(form.RestoreLeaders ? "true" : "false")}\n");
        if (form.Finalise is { } finalise)
            yaml.Append(CultureInfo.InvariantCulture, $"  {PlanSpecWriter.Finalise(finalise)}\n");
        if (form.Acknowledge.Count > 0)
            yaml.Append(CultureInfo.InvariantCulture, $"  acknowledge: [{string.Join(", ", form.Acknowledge.Select(Text))}]\n");
    }

    private static void OtherLimits(StringBuilder yaml, SafetySpec safety)
    {
        if (!safety.Cooldown.Empty)
            yaml.Append("    cooldown:\n");
        foreach (var (key, gap) in new (string, TimeSpan?)[] { ("member", safety.Cooldown.Member), ("shard", safety.Cooldown.Shard), ("zone", safety.Cooldown.Zone) })
            if (gap is { } time)
                yaml.Append(CultureInfo.InvariantCulture, $"      {key}: {SpecDurations.Write(time)}\n");
        if (safety.ZoneExclusive is { } zones)
            yaml.Append(CultureInfo.InvariantCulture, $"    zoneExclusive: {(zones ? "true" : "false")}\n");
        if (safety.PartlyUpdatedShards is { } partly)
            yaml.Append(CultureInfo.InvariantCulture, $"    partlyUpdatedShards: {partly}\n");
        if (safety.RestoreLeaders)
            yaml.Append("    restoreLeaders: true\n");
    }

    private static void Windows(StringBuilder yaml, ComposeForm form)
    {
        if (form.HandoverWindow is { } window)
            yaml.Append(CultureInfo.InvariantCulture, $"    handoverWindow: {{ {Window(window)} }}\n");
        if (form.Freeze.Count > 0)
            yaml.Append("    freeze:\n");
        foreach (var freeze in form.Freeze)
            yaml.Append(CultureInfo.InvariantCulture, $"    - {{ {(freeze.Name.Length > 0 ? $"name: {Text(freeze.Name)}, " : "")}{Window(freeze)} }}\n");
    }

    private static string Window(WindowForm window) => $"cron: {JsonSerializer.Serialize(window.Cron, Readable)}, duration: {Text(window.Duration)}, timeZone: {Text(window.TimeZone)}";

    /// <summary>Plain where YAML cannot mistake it for anything but text, quoted otherwise; a JSON string is a YAML string.</summary>
    public static string Text(string value) => Plain().IsMatch(value) && !Ambiguous().IsMatch(value) ? value : JsonSerializer.Serialize(value, Readable);

    /// <summary>A number as typed; anything else as text, so that the validator can say what it should have been.</summary>
    private static string Number(string value) =>
        double.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _) ? value : Text(value);

    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._/+-]*(:[A-Za-z0-9][A-Za-z0-9._/+-]*)*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Plain();

    [GeneratedRegex("^([+-]?[0-9][0-9_]*(\\.[0-9]*)?([eE][+-]?[0-9]+)?|0[xo][0-9A-Fa-f]+|true|false|yes|no|on|off|y|n|null|[0-9]+(:[0-9]+)+|[0-9]{4}-[0-9]{2}-[0-9]{2}.*)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ambiguous();
}
