using System.Globalization;
using System.Text;
using Rollcall.Shared;
using SpecDurations = Rollcall.Engine.Documents.Durations;

namespace Rollcall.Web.Model.Composing;

/// <summary>A person's decision as it is being typed.</summary>
public sealed class GateForm
{
    public string Approvals { get; set; } = "1";
    public string Groups { get; set; } = "";
    public string From { get; set; } = "";
    public string Deadline { get; set; } = "";
    public string Remind { get; set; } = "";
    public string OnDeadline { get; set; } = "hold";
    public string At { get; set; } = "BeforeStage";

    public static GateForm Of(GateSpec gate)
    {
        ArgumentNullException.ThrowIfNull(gate);
        return new GateForm
        {
            Approvals = gate.Approvals.ToString(CultureInfo.InvariantCulture),
            Groups = string.Join(", ", gate.Groups),
            From = string.Join(", ", gate.From),
            Deadline = gate.Deadline is { } deadline ? SpecDurations.Write(deadline) : "",
            Remind = gate.Remind is { } remind ? SpecDurations.Write(remind) : "",
            OnDeadline = gate.OnDeadline,
            At = gate.At,
        };
    }

    /// <summary>"2 to approve, one from dba, within 4h".</summary>
    public string InWords() => string.Join(", ", new[]
    {
        $"{Approvals} to approve",
        Groups.Length > 0 ? $"one from each of {Groups}" : "",
        Deadline.Length > 0 ? $"within {Deadline}" : "",
        At == "BeforeSwitchover" ? "before its switchover" : "",
    }.Where(part => part.Length > 0));

    /// <summary>The mapping <c>gate</c> with this indent.</summary>
    public void Write(StringBuilder yaml, string indent)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        void Line(string key, string value) => yaml.Append(indent).Append("  ").Append(key).Append(": ").Append(value).Append('\n');
        yaml.Append(indent).Append("gate:\n");
        Line("approvals", ComposeYaml.Number(Approvals));
        if (Names(Groups) is { Length: > 0 } groups)
            Line("groups", groups);
        if (Names(From) is { Length: > 0 } from)
            Line("from", from);
        if (Remind.Length > 0)
            Line("remind", ComposeYaml.Text(Remind));
        if (Deadline.Length > 0)
        {
            Line("deadline", ComposeYaml.Text(Deadline));
            Line("onDeadline", ComposeYaml.Text(OnDeadline));
        }
        if (At != "BeforeStage")
            Line("at", ComposeYaml.Text(At));
    }

    private static string Names(string list)
    {
        var names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.Length == 0 ? "" : $"[{string.Join(", ", names.Select(ComposeYaml.Text))}]";
    }
}
