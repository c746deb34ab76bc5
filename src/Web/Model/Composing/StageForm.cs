using System.Globalization;
using Rollcall.Shared;
using SpecDurations = Rollcall.Engine.Documents.Durations;

namespace Rollcall.Web.Model.Composing;

public enum ShardsBy { Count, Percent, Names, Rest }

/// <summary>One stage as it is being typed. Numbers and durations are text here: what does not read yet must stay as it is, and the validator says what is wrong with it.</summary>
public sealed class StageForm
{
    /// <summary>Keeps the card's identity while it moves.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    public string Name { get; set; } = "";
    /// <summary>Empty: every component of the change.</summary>
    public string Component { get; set; } = "";
    public ShardsBy By { get; set; } = ShardsBy.Rest;
    public string Amount { get; set; } = "1";
    public List<string> Names { get; } = [];
    public string Roles { get; set; } = "all";
    public string Soak { get; set; } = "";
    public string ShardsAtOnce { get; set; } = "";

    public bool HasGate { get; set; }
    public string Approvals { get; set; } = "1";
    public string Groups { get; set; } = "";
    public string From { get; set; } = "";
    public string Deadline { get; set; } = "";
    public string Remind { get; set; } = "";
    public string OnDeadline { get; set; } = "hold";
    public string At { get; set; } = "BeforeStage";

    public List<HookForm> Hooks { get; } = [];

    public IEnumerable<string> GroupNames => Groups.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public IEnumerable<string> FromNames => From.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public static StageForm Of(StageSpec stage)
    {
        var form = new StageForm
        {
            Name = stage.Name,
            Component = stage.Component ?? "",
            By = stage.Shards switch { { Rest: true } => ShardsBy.Rest, { Count: not null } => ShardsBy.Count, { Percent: not null } => ShardsBy.Percent, _ => ShardsBy.Names },
            Amount = (stage.Shards.Count ?? stage.Shards.Percent ?? 1).ToString(CultureInfo.InvariantCulture),
            Roles = stage.Roles,
            Soak = stage.Soak == TimeSpan.Zero ? "" : SpecDurations.Write(stage.Soak),
            ShardsAtOnce = stage.ShardsAtOnce?.ToString(CultureInfo.InvariantCulture) ?? "",
        };
        form.Names.AddRange(stage.Shards.Names.IsDefault ? [] : stage.Shards.Names);
        form.Hooks.AddRange(stage.Hooks.Select(HookForm.From));
        if (stage.Gate is { } gate)
        {
            form.HasGate = true;
            form.Approvals = gate.Approvals.ToString(CultureInfo.InvariantCulture);
            form.Groups = string.Join(", ", gate.Groups);
            form.Deadline = gate.Deadline is { } deadline ? SpecDurations.Write(deadline) : "";
            form.From = string.Join(", ", gate.From);
            form.Remind = gate.Remind is { } remind ? SpecDurations.Write(remind) : "";
            form.OnDeadline = gate.OnDeadline;
            form.At = gate.At;
        }
        return form;
    }
}
