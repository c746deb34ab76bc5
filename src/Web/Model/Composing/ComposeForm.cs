using System.Globalization;
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
    /// <summary>Written in the document alone; the cards keep it.</summary>
    public FinaliseSpec? Finalise { get; set; }
    public List<StageForm> Stages { get; } = [];
    public string LagMaxBytes { get; set; } = "";
    public string LagMaxSeconds { get; set; } = "";
    public string ReadyDeadline { get; set; } = "";
    /// <summary>Limits that have no field here (cooldowns, zones …): kept as the document had them.</summary>
    public SafetySpec OtherSafety { get; private init; } = new();
    public string BackupMaxAge { get; set; } = "";
    public string BackupMethod { get; set; } = "";
    public string BackupPolicy { get; set; } = "";
    public string BackupTimeout { get; set; } = "";
    public string BackupRetries { get; set; } = "";
    /// <summary>Null: leaders are handed over at any time.</summary>
    public WindowForm? HandoverWindow { get; set; }
    public List<WindowForm> Freeze { get; } = [];
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
            LagMaxBytes = spec.Safety.LagMaxBytes?.ToString(CultureInfo.InvariantCulture) ?? "",
            LagMaxSeconds = spec.Safety.LagMaxSeconds?.ToString(CultureInfo.InvariantCulture) ?? "",
            ReadyDeadline = spec.Safety.ReadyDeadline is { } ready ? SpecDurations.Write(ready) : "",
            OtherSafety = spec.Safety with { LagMaxBytes = null, LagMaxSeconds = null, ReadyDeadline = null, HandoverWindow = null, Freeze = [], Backup = null },
            BackupMaxAge = spec.Safety.Backup?.MaxAge is { } age ? SpecDurations.Write(age) : "",
            BackupMethod = spec.Safety.Backup?.Take?.Backup?.Method ?? "",
            BackupPolicy = spec.Safety.Backup?.Take?.Backup?.Policy ?? "",
            BackupTimeout = spec.Safety.Backup?.Take is { } take && take.Timeout != Engine.Decisions.Planning.PlanSpecReader.DefaultBackup ? SpecDurations.Write(take.Timeout) : "",
            BackupRetries = spec.Safety.Backup?.Take is { Retries: > 0 } again ? again.Retries.ToString(CultureInfo.InvariantCulture) : "",
            HandoverWindow = spec.Safety.HandoverWindow is { } window ? WindowForm.From(window) : null,
            AutomaticRollback = spec.Rollback.Automatic,
            RestoreLeaders = spec.Rollback.RestoreLeaders,
            Finalise = spec.Finalise,
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
        form.Hooks.AddRange(spec.Hooks.Select(HookForm.From));
        form.Acknowledge.AddRange(spec.Acknowledge);
        form.Freeze.AddRange(spec.Safety.Freeze.Select(WindowForm.From));
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
        Stages.Add(new StageForm { Name = $"stage-{n}" });
    }

    public void Move(StageForm stage, int by)
    {
        var from = Stages.IndexOf(stage);
        var to = from + by;
        if (from < 0 || to < 0 || to >= Stages.Count)
            return;
        Stages.RemoveAt(from);
        Stages.Insert(to, stage);
    }

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
