using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Rollcall.Engine.Documents;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>Hooks as YAML that a person can read and edit.</summary>
internal static class HookWriter
{
    public static void Write(StringBuilder yaml, int indent, ImmutableArray<HookSpec> hooks)
    {
        if (hooks.IsEmpty)
            return;
        Line(yaml, indent, "hooks:");
        foreach (var hook in hooks)
        {
            Line(yaml, indent, $"- name: {Text(hook.Name)}");
            Line(yaml, indent + 1, $"on: {hook.On}");
            if (!hook.Roles.IsEmpty)
                Line(yaml, indent + 1, $"roles: {Flow(hook.Roles)}");
            Action(yaml, indent + 1, hook.Action);
            if (hook.OnFailure != "pause")
                Line(yaml, indent + 1, $"onFailure: {hook.OnFailure}");
        }
    }

    private static void Action(StringBuilder yaml, int indent, ActionSpec action)
    {
        var parts = new List<string>();
        void Part(string key, string? value)
        {
            if (value is not null)
                parts.Add($"{key}: {value}");
        }
        switch (action)
        {
            case { Exec: { } exec }:
                Part("container", Text(exec.Container));
                Part("command", Flow(exec.Command));
                break;
            case { Job: { } job }:
                Part("image", Text(job.Image));
                Part("command", job.Command.IsEmpty ? null : Flow(job.Command));
                Part("serviceAccount", Text(job.ServiceAccount));
                break;
            case { Webhook: { } webhook }:
                Part("url", Text(webhook.Url));
                Part("method", webhook.Method == "POST" ? null : webhook.Method);
                Part("body", Text(webhook.Body));
                Part("secret", Text(webhook.Secret));
                break;
            case { Ops: { } ops }:
                Part("opsDefinition", Text(ops.OpsDefinition));
                Part("component", Text(ops.Component));
                Part("parameters", ops.Parameters.IsEmpty ? null : $"{{ {string.Join(", ", ops.Parameters.Select(p => $"{Text(p.Key)}: {Text(p.Value)}"))} }}");
                break;
        }
        Line(yaml, indent, $"{action.Kind}: {{ {string.Join(", ", parts)} }}");
        if (action.Timeout != ActionSpec.DefaultTimeout)
            Line(yaml, indent, $"timeout: {Durations.Write(action.Timeout)}");
        if (action.Retries > 0)
            Line(yaml, indent, string.Create(CultureInfo.InvariantCulture, $"retries: {action.Retries}"));
    }

    private static void Line(StringBuilder yaml, int indent, string text) => yaml.Append(' ', indent * 2).Append(text).Append('\n');

    private static string Flow(IEnumerable<string> items) => $"[{string.Join(", ", items.Select(i => Text(i)))}]";

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(value))]
    private static string? Text(string? value) => value is null ? null : PlanSpecWriter.Text(value);
}
