using System.Collections.Immutable;
using Rollcall.Engine.Documents;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>
/// From the text of a plan (YAML or JSON) to its normalised form. Knows nothing of any cluster: what needs one is checked by <see cref="PlanBuilder"/>. A key that is unknown, or that this build
/// does not act on, is an error that names it.
/// </summary>
public static class PlanSpecReader
{
    /// <summary>Backups of a large database take their time.</summary>
    public static readonly TimeSpan DefaultBackup = TimeSpan.FromHours(2);
    private static readonly TimeSpan LongestBackup = TimeSpan.FromDays(2);
    private static readonly TimeSpan OldestBackup = TimeSpan.FromDays(30);
    private static readonly TimeSpan LongestReadyDeadline = TimeSpan.FromDays(1);

    public static Result<PlanSpec> Read(string text)
    {
        var errors = new DocErrors();
        var spec = DocParser.Parse(text, errors) is { } root && DocFields.Of(root, "", PlanShapes.Root, errors) is { } fields ? Read(fields, errors) : null;
        return errors.Any || spec is null ? errors.ToRefusal("The plan cannot be read") : spec;
    }

    private static PlanSpec? Read(DocFields root, DocErrors errors)
    {
        root.OneOf("apiVersion", [PlanSpec.ApiVersion], required: true);
        root.OneOf("kind", [PlanSpec.Kind], required: true);
        var metadata = root.Object("metadata", PlanShapes.Metadata, required: true);
        var name = metadata?.Matching("name", Forms.IsLabel(), Forms.Label, required: true);
        var ns = metadata?.Matching("namespace", Forms.IsLabel(), Forms.Label, required: true);
        if (root.Object("spec", PlanShapes.Spec, required: true) is not { } spec)
            return null;
        var target = Target(spec);
        var plan = new PlanSpec
        {
            Name = name ?? "",
            Namespace = ns ?? "",
            Target = target,
            Changes = Changes(spec, spec.Has("target") ? target.Kind : null, errors),
            Stages = Stages(spec, errors),
            Safety = Safety(spec, errors),
            Rollback = spec.Object("rollback", PlanShapes.Rollback) is { } rollback
                ? new RollbackSpec { Automatic = rollback.Bool("automatic") ?? false, RestoreLeaders = rollback.Bool("restoreLeaders") ?? false }
                : new RollbackSpec(),
            Hooks = ActionReader.Hooks(spec, HookPoints.All, "plan-hook-", errors),
            Finalise = spec.Object("finalise", PlanShapes.Finalise) is { } finalise
                ? new FinaliseSpec { Soak = finalise.Duration("soak", TimeSpan.Zero, StageReader.LongestSoak), Gate = finalise.Object("gate", StageReader.Gate) is { } gate ? StageReader.ReadGate(gate, "all") : null }
                : null,
            Acknowledge = Acknowledge(spec, errors),
        };
        return plan;
    }

    private static TargetSpec Target(DocFields spec)
    {
        var target = spec.Object("target", PlanShapes.Target, required: true);
        var kind = target?.OneOf("kind", Enum.GetNames<ClusterKind>(), required: true);
        var name = target?.Matching("name", Forms.IsSubdomain(), Forms.Subdomain, required: true);
        return new TargetSpec(Enum.TryParse<ClusterKind>(kind, out var parsed) ? parsed : ClusterKind.Cluster, name ?? "");
    }

    private static ImmutableArray<ChangeSpec> Changes(DocFields spec, ClusterKind? kind, DocErrors errors)
    {
        var changes = ImmutableArray.CreateBuilder<ChangeSpec>();
        foreach (var (node, path) in spec.List("changes", required: true, whenEmpty: "'changes' is empty; name at least one component and its wanted version.") ?? [])
        {
            if (DocFields.Of(node, path, PlanShapes.Change, errors) is not { } fields)
                continue;
            var change = Change(fields, kind, errors);
            if (change.Component.Length > 0 && changes.Any(c => c.Component == change.Component))
                fields.Error("component", $"The component '{change.Component}' is changed twice; put its change into one entry.");
            changes.Add(change);
        }
        return changes.ToImmutable();
    }

    private static ChangeSpec Change(DocFields fields, ClusterKind? kind, DocErrors errors)
    {
        var change = new ChangeSpec
        {
            Component = fields.Matching("component", Forms.IsSubdomain(), Forms.Subdomain, required: true) ?? "",
            ServiceVersion = fields.Matching("serviceVersion", Forms.IsTag(), Forms.Tag),
            ComponentDef = fields.Matching("componentDef", Forms.IsSubdomain(), Forms.Subdomain),
            Images = fields.Pairs("images", whenEmpty: "'images' is empty; name a container and its image."),
        };
        foreach (var (container, image) in change.Images)
        {
            var path = Pointer.Child(fields.PathOf("images"), container);
            if (!Forms.IsLabel().IsMatch(container))
                errors.Add(path, fields.LineOf("images"), $"'{container}' is not a container name: {Forms.Label}.");
            if (image.Length > 512 || !Forms.IsImage().IsMatch(image))
                errors.Add(path, fields.LineOf("images"), $"'{image}' is not {Forms.Image}.");
        }
        switch (kind)
        {
            case ClusterKind.Cluster when fields.Has("images"):
                fields.Error("images", "A KubeBlocks Cluster is rolled by serviceVersion; its definitions choose the images.", "serviceVersion", "componentDef");
                break;
            case ClusterKind.StatefulSetGroup when fields.Has("componentDef"):
                fields.Error("componentDef", "StatefulSets have no ComponentDefinition.", "serviceVersion", "images");
                break;
        }
        if (fields.Has("images") && fields.Has("serviceVersion"))
            fields.Error("images", "Give serviceVersion (the tag of the main container) or images, not both: they could disagree.", "serviceVersion", "images");
        else if (!fields.Has("images") && !fields.Has("serviceVersion"))
            fields.Error("serviceVersion", "The change wants nothing: give the version.", kind == ClusterKind.Cluster ? ["serviceVersion"] : ["serviceVersion", "images"]);
        return change;
    }

    private static ImmutableArray<StageSpec>? Stages(DocFields spec, DocErrors errors) =>
        spec.List("stages", whenEmpty: "'stages' is empty, so nothing would ever be rolled. Leave the key out to take the profile's own stages.") is { } items ? StageReader.Read(items, errors) : null;

    private static SafetySpec Safety(DocFields spec, DocErrors errors)
    {
        if (spec.Object("safety", PlanShapes.Safety) is not { } safety)
            return new SafetySpec();
        var lag = safety.Object("lag", PlanShapes.Lag);
        var read = new SafetySpec
        {
            LagMaxBytes = lag?.Whole("maxBytes", 0, long.MaxValue),
            LagMaxSeconds = lag?.Number("maxSeconds", 0, 86_400),
            ReadyDeadline = safety.Duration("readyDeadline", TimeSpan.FromSeconds(10), LongestReadyDeadline),
            Cooldown = CooldownReader.Read(safety),
            ZoneExclusive = safety.Bool("zoneExclusive"),
            PartlyUpdatedShards = safety.Int("partlyUpdatedShards", 1, 100_000),
            RestoreLeaders = safety.Bool("restoreLeaders") ?? false,
            Backup = Backup(safety),
            HandoverWindow = WindowReader.ReadHandover(safety),
            Freeze = WindowReader.ReadFreeze(safety, errors),
        };
        if (lag is not null && lag.Has("maxBytes") && lag.Has("maxSeconds"))
            lag.Error("maxSeconds", "Lag is limited in the engine's own unit; give maxBytes or maxSeconds, not both.", "maxBytes", "maxSeconds");
        else if (lag is not null && !lag.Has("maxBytes") && !lag.Has("maxSeconds"))
            safety.Error("lag", "'lag' limits nothing.", "maxBytes", "maxSeconds");
        return read;
    }

    private static BackupSpec? Backup(DocFields safety)
    {
        if (safety.Object("backup", PlanShapes.Backup) is not { } backup)
            return null;
        var take = backup.Object("take", PlanShapes.Take);
        if (!backup.Has("maxAge") && !backup.Has("take"))
            safety.Error("backup", "'backup' asks for nothing.", "maxAge", "take");
        return new BackupSpec
        {
            MaxAge = backup.Duration("maxAge", TimeSpan.FromMinutes(1), OldestBackup),
            Take = take is null ? null : new ActionSpec
            {
                Backup = new BackupAction { Policy = take.Matching("policy", Forms.IsSubdomain(), Forms.Subdomain), Method = take.Matching("method", Forms.IsSubdomain(), "the name of a backup method", required: true) ?? "" },
                Timeout = take.Duration("timeout", TimeSpan.FromSeconds(10), LongestBackup) ?? DefaultBackup,
                Retries = take.Int("retries", 0, ActionReader.MostRetries) ?? 0,
            },
        };
    }

    private static ImmutableArray<string> Acknowledge(DocFields spec, DocErrors errors)
    {
        var words = spec.Texts("acknowledge");
        foreach (var word in words.Where(w => !Acknowledgements.All.Contains(w)))
            errors.Add(spec.PathOf("acknowledge"), spec.LineOf("acknowledge"), $"'{word}' is nothing that can be acknowledged.", Acknowledgements.All.AsSpan());
        return [.. words.Order(StringComparer.Ordinal)];
    }
}
