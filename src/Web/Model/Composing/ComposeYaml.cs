using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Shared;

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
        Rest(yaml, form);
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
            stage.Gate?.Write(yaml, "    ");
            HookForm.Write(yaml, "    ", stage.Hooks);
            AnalysisWriter.Write(yaml, 2, stage.Analyses);
        }
    }

    private static string Shards(StageForm stage) => stage.By switch
    {
        ShardsBy.Rest => "rest",
        ShardsBy.Count => $"{{ count: {Number(stage.Amount)} }}",
        ShardsBy.Percent => $"{{ percent: {Number(stage.Amount)} }}",
        _ => $"{{ names: [{string.Join(", ", stage.Names.Select(Text))}] }}",
    };

    private static void Rest(StringBuilder yaml, ComposeForm form)
    {
        form.Limits.Write(yaml);
        if (form.AutomaticRollback || form.RestoreLeaders)
            yaml.Append(CultureInfo.InvariantCulture, $"  rollback:\n    automatic: {(form.AutomaticRollback ? "true" : "false")}\n    restoreLeaders: {(form.RestoreLeaders ? "true" : "false")}\n");
        if (form.Finalises)
            yaml.Append(form.FinaliseSoak.Length > 0 || form.FinaliseGate is not null ? "  finalise:\n" : "  finalise: {}\n");
        if (form.Finalises && form.FinaliseSoak.Length > 0)
            yaml.Append(CultureInfo.InvariantCulture, $"    soak: {Text(form.FinaliseSoak)}\n");
        if (form.Finalises)
            form.FinaliseGate?.Write(yaml, "    ");
        if (form.Acknowledge.Count > 0)
            yaml.Append(CultureInfo.InvariantCulture, $"  acknowledge: [{string.Join(", ", form.Acknowledge.Select(Text))}]\n");
    }

    /// <summary>Plain where YAML cannot mistake it for anything but text, quoted otherwise; a JSON string is a YAML string.</summary>
    public static string Text(string value) => Plain().IsMatch(value) && !Ambiguous().IsMatch(value) ? value : JsonSerializer.Serialize(value, Readable);

    /// <summary>As a text in any case.</summary>
    public static string Quoted(string value) => JsonSerializer.Serialize(value, Readable);

    /// <summary>A number as typed; anything else as text, so that the validator can say what it should have been.</summary>
    public static string Number(string value) =>
        double.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _) ? value : Text(value);

    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._/+-]*(:[A-Za-z0-9][A-Za-z0-9._/+-]*)*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Plain();

    [GeneratedRegex("^([+-]?[0-9][0-9_]*(\\.[0-9]*)?([eE][+-]?[0-9]+)?|0[xo][0-9A-Fa-f]+|true|false|yes|no|on|off|y|n|null|[0-9]+(:[0-9]+)+|[0-9]{4}-[0-9]{2}-[0-9]{2}.*)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ambiguous();
}
