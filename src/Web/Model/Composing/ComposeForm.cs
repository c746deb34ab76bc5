using System.Text;
using Rollcall.Shared;
using SpecDurations = Rollcall.Engine.Documents.Durations;

namespace Rollcall.Web.Model.Composing;

/// <summary>
/// The plan as a form. It writes a document rather than a <see cref="PlanSpec"/>, so that a half-typed value goes through the same validation as the YAML tab and the API and
/// comes back with the same words.
/// </summary>
public sealed class ComposeForm
{
    private string _generatedName = "";

    public string Name { get; set; } = "";
    public string Namespace { get; private init; } = "";
    public TargetSpec Target { get; private init; } = new(ClusterKind.Cluster, "");
    public List<ComponentChoice> Components { get; } = [];
    /// <summary>The profile's own stages: the document leaves <c>stages</c> out.</summary>
    public bool ProfileStages { get; set; }
    /// <summary>The engine's point of no return is the plan's last step.</summary>
    public bool Finalises { get; set; }
    public string FinaliseSoak { get; set; } = "";
    /// <summary>Null: one approval.</summary>
    public GateForm? FinaliseGate { get; set; }
    public List<StageForm> Stages { get; } = [];
    /// <summary>The stage whose shards are being picked; null: none was chosen.</summary>
    public StageForm? Picking
    {
        get => Stages.Contains(field!) ? field : null;
        set;
    }
    public LimitsForm Limits { get; private init; } = new();
    /// <summary>Null: leaders are handed over at any time.</summary>
    public WindowForm? HandoverWindow { get => Limits.HandoverWindow; set => Limits.HandoverWindow = value; }
    public List<WindowForm> Freeze => Limits.Freeze;
    public bool AutomaticRollback { get; set; }
    public bool RestoreLeaders { get; set; }
    /// <summary>In every stage, and around a rollback.</summary>
    public List<HookForm> Hooks { get; } = [];
    public List<string> Acknowledge { get; } = [];

    public IEnumerable<ComponentChoice> Changed => Components.Where(c => c.Wanted is not null);

    /// <summary>JSON pointer of a component's entry in the document, or null while it does not change.</summary>
    public string? PathOf(ComponentChoice choice)
    {
        var index = Changed.ToList().IndexOf(choice);
        return index < 0 ? null : $"/spec/changes/{index}";
    }

    public string PathOf(StageForm stage) => $"/spec/stages/{Stages.IndexOf(stage)}";

    /// <param name="profileStages">What the cards show when the document names no stages.</param>
    public static ComposeForm From(PlanSpec spec, ClusterSummary cluster, IEnumerable<StageSpec>? profileStages = null)
    {
        var form = new ComposeForm
        {
            Name = spec.Name,
            Namespace = spec.Namespace,
            Target = spec.Target,
            ProfileStages = spec.Stages is null,
            Limits = LimitsForm.Of(spec.Safety),
            AutomaticRollback = spec.Rollback.Automatic,
            RestoreLeaders = spec.Rollback.RestoreLeaders,
            Finalises = spec.Finalise is not null,
            FinaliseSoak = spec.Finalise?.Soak is { } soak ? SpecDurations.Write(soak) : "",
            FinaliseGate = spec.Finalise?.Gate is { } gate ? GateForm.Of(gate) : null,
        };
        foreach (var component in cluster.Components)
            form.Components.Add(new ComponentChoice(component.Name, component.Version, component.AvailableVersions));
        foreach (var change in spec.Changes)
        {
            var choice = form.Components.Find(c => c.Name == change.Component);
            if (choice is null)
                form.Components.Add(choice = new ComponentChoice(change.Component, "", []));
            choice.Take(change);
        }
        form.Stages.AddRange((spec.Stages ?? profileStages ?? []).Select(StageForm.Of));
        // One card needs no summary; several would be a wall of fields.
        if (form.Stages.Count == 1)
            (form.Stages[0].Open, form.Picking) = (true, form.Stages[0]);
        form.Hooks.AddRange(spec.Hooks.Select(HookForm.From));
        form.Acknowledge.AddRange(spec.Acknowledge);
        if (form.Name == form.GenerateName())
            form._generatedName = form.Name;
        return form;
    }

    /// <summary>Chooses a version; the plan's name follows for as long as nobody wrote one.</summary>
    public void Choose(ComponentChoice choice, string? version)
    {
        choice.Choose(version);
        if (Name.Length != 0 && Name != _generatedName)
            return;
        Name = _generatedName = GenerateName();
    }

    public void AddStage()
    {
        var n = Stages.Count + 1;
        while (Stages.Any(s => s.Name == $"stage-{n}"))
            n++;
        Stages.Add(Picking = new StageForm { Name = $"stage-{n}", Open = true });
    }

    /// <summary>To this place among the others, 0 for the first.</summary>
    /// <returns>Whether anything moved.</returns>
    public bool MoveTo(StageForm stage, int to)
    {
        var from = Stages.IndexOf(stage);
        if (from < 0 || to < 0 || to >= Stages.Count || from == to)
            return false;
        Stages.RemoveAt(from);
        Stages.Insert(to, stage);
        return true;
    }

    public bool Move(StageForm stage, int by) => MoveTo(stage, Stages.IndexOf(stage) + by);

    public void SetAcknowledged(string what, bool on)
    {
        Acknowledge.Remove(what);
        if (on)
            Acknowledge.Add(what);
    }

    private string GenerateName()
    {
        var name = new StringBuilder(Target.Name);
        foreach (var version in Changed.Select(c => c.Wanted!).Where(v => v.Length > 0).Distinct(StringComparer.Ordinal))
            name.Append('-').Append(string.Concat(version.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')));
        return name.Length > 63 ? name.ToString(0, 63).TrimEnd('-') : name.ToString();
    }
}
