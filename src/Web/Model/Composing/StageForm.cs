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

    /// <summary>How its shards were chosen before they were picked one by one: when the same ones are picked again, the stage says so again.</summary>
    public (ShardsBy By, string Amount)? PickedFrom { get; set; }

    /// <summary>Which shards it takes, as far as it can be read; null: none yet.</summary>
    public StageSpec? Taking => Selector is { } shards ? new StageSpec { Name = Name, Component = Component.Length > 0 ? Component : null, Shards = shards, Roles = Roles } : null;

    private ShardSelector? Selector => By switch
    {
        ShardsBy.Rest => new ShardSelector { Rest = true },
        ShardsBy.Names => Names.Count > 0 ? new ShardSelector { Names = [.. Names] } : null,
        ShardsBy.Percent => Number is { } percent ? new ShardSelector { Percent = Math.Min(percent, 100) } : null,
        _ => Number is { } count ? new ShardSelector { Count = count } : null,
    };

    private int? Number => int.TryParse(Amount, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) && amount > 0 ? amount : null;

    /// <summary>What the stage does, in one line.</summary>
    public string Summary => string.Join(" · ", new[]
    {
        Component,
        By switch { ShardsBy.Rest => "the rest of the shards", ShardsBy.Percent => $"{Amount} % of the shards", ShardsBy.Names when Names.Count == 0 => "no shard yet", ShardsBy.Names => Words.Some(Names, 4), _ => Amount == "1" ? "1 shard" : $"{Amount} shards" },
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
