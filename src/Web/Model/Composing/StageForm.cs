using System.Collections.Immutable;
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

    /// <summary>Null: nobody is asked.</summary>
    public GateForm? Gate { get; set; }

    public List<HookForm> Hooks { get; } = [];
    /// <summary>Written in the document; kept as they are.</summary>
    public ImmutableArray<AnalysisSpec> Analyses { get; private init; } = [];

    /// <summary>The card shows its fields, not only its summary.</summary>
    public bool Open { get; set; }

    /// <summary>What the stage does, in one line.</summary>
    public string Summary => string.Join(" · ", new[]
    {
        Component,
        By switch { ShardsBy.Rest => "the rest of the shards", ShardsBy.Percent => $"{Amount} % of the shards", ShardsBy.Names when Names.Count == 0 => "no shard yet", ShardsBy.Names => string.Join(", ", Names), _ => Amount == "1" ? "1 shard" : $"{Amount} shards" },
        Roles == "all" ? "" : Roles == "leader" ? "leaders only" : "followers only",
        ShardsAtOnce.Length > 0 ? $"{ShardsAtOnce} at once" : "",
        Soak.Length > 0 ? $"soak {Soak}" : "",
        Gate?.InWords() ?? "",
        Hooks.Count > 0 ? $"hooks {string.Join(", ", Hooks.Select(h => h.Name))}" : "",
    }.Where(part => part.Length > 0));

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
            Analyses = stage.Analyses,
            ShardsAtOnce = stage.ShardsAtOnce?.ToString(CultureInfo.InvariantCulture) ?? "",
        };
        form.Names.AddRange(stage.Shards.Names.IsDefault ? [] : stage.Shards.Names);
        form.Hooks.AddRange(stage.Hooks.Select(HookForm.From));
        form.Gate = stage.Gate is { } gate ? GateForm.Of(gate) : null;
        return form;
    }
}
