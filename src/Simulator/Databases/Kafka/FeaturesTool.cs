using System.Globalization;

namespace Rollcall.Simulator.Databases.Kafka;

/// <summary>kafka-features.sh describe, upgrade and downgrade.</summary>
internal static class FeaturesTool
{
    private const string MetadataVersion = "metadata.version";

    public static CommandResult Run(KafkaDatabase kafka, KafkaNode self, ToolArguments arguments, DateTimeOffset now)
    {
        if (arguments.Positional is not [("describe" or "upgrade" or "downgrade") and var verb])
            return CommandResult.Fail(1, $"Command line error: invalid choice: '{string.Join(' ', arguments.Positional)}' (the simulation knows 'describe', 'upgrade', 'downgrade'). Type --help for help.");
        if (KafkaTools.Reach(kafka, self, arguments) is not { } node || kafka.Active is null)
            return CommandResult.Fail(1, $"org.apache.kafka.common.errors.TimeoutException: {KafkaTools.TimedOut(verb == "describe" ? "describeFeatures" : "updateFeatures")}\n");
        return verb == "describe" ? CommandResult.Ok(Describe(kafka, node)) : Update(kafka, self, verb, arguments, now);
    }

    private static string Describe(KafkaDatabase kafka, KafkaNode node)
    {
        var (min, max) = MetadataVersions.Of(node.Version);
        var rows = MetadataVersions.OtherFeatures(node.Version).Select(f => (f.Name, Min: "0", Max: $"{f.Max}", Level: $"{kafka.Features.GetValueOrDefault(f.Name)}"))
            .Append((Name: MetadataVersion, Min: MetadataVersions.NameOf(min), Max: MetadataVersions.NameOf(max), Level: MetadataVersions.NameOf(kafka.Level)))
            .OrderBy(r => r.Name, StringComparer.Ordinal);
        return string.Concat(rows.Select(r => $"Feature: {r.Name}\tSupportedMinVersion: {r.Min}\tSupportedMaxVersion: {r.Max}\tFinalizedVersionLevel: {r.Level}\tEpoch: {kafka.FeaturesEpoch}\n"));
    }

    private static CommandResult Update(KafkaDatabase kafka, KafkaNode self, string verb, ToolArguments arguments, DateTimeOffset now)
    {
        var said = "";
        SortedDictionary<string, int> wanted = new(StringComparer.Ordinal);
        if ((arguments.Option("--release-version") ?? arguments.Option("--metadata")) is { } release)
        {
            if (arguments.Has("--metadata") && MetadataVersions.IsAtLeast(self.Version, 3, 9))
                said = " `metadata` flag is deprecated and may be removed in a future release.\n";
            var (min, max) = MetadataVersions.Of(self.Version);
            if (MetadataVersions.Parse(release) is not { } level || level > max)
                return new(1, said, $"Unknown metadata.version {release}. Supported metadata.version are {MetadataVersions.Supported(min, max)}\n");
            wanted[MetadataVersion] = level;
            if (arguments.Has("--release-version"))
            {
                foreach (var feature in MetadataVersions.OtherFeatures(release).Where(f => f.Default > 0 || verb == "downgrade"))
                    wanted[feature.Name] = feature.Default;
            }
        }
        foreach (var feature in arguments.All("--feature"))
        {
            if (feature.Split('=', 2) is not [var name, var text] || !short.TryParse(text, CultureInfo.InvariantCulture, out var level))
                return new(1, said, $"Can't parse feature=level string {feature}: equals sign not found.\n");
            wanted[name] = level;
        }
        if (wanted.Count == 0)
            return new(1, said, $"You must specify at least one feature to {verb}\n");

        var dryRun = arguments.Has("--dry-run");
        var refusals = wanted.Select(w => (w.Key, w.Value, Reason: Refusal(kafka, w.Key, w.Value, verb, arguments.Has("--unsafe")))).ToList();
        var failed = refusals.FirstOrDefault(r => r.Reason is not null);
        // Since 4.0 one refused feature fails all.
        var together = MetadataVersions.IsAtLeast(self.Version, 4, 0) && failed.Reason is not null && wanted.Count > 1
            ? $"The update failed for all features since the following feature had an error: {failed.Reason}" : null;
        var failures = 0;
        foreach (var (name, level, reason) in refusals)
        {
            if ((together ?? reason) is { } why)
            {
                said += $"{(dryRun ? "Can not" : "Could not")} {verb} {name} to {level}. {why}\n";
                failures++;
                continue;
            }
            said += $"{name} {(dryRun ? "can be" : "was")} {verb}d to {level}.\n";
            if (dryRun)
                continue;
            if (name == MetadataVersion)
                kafka.Finalise(level, now);
            else
                kafka.Finalise(name, level, now);
        }
        return failures == 0 ? CommandResult.Ok(said) : new(1, said, $"{failures} out of {wanted.Count} operation(s) failed.\n");
    }

    /// <summary>In the order of FeatureControlManager: who supports it, which way it goes, what it would lose.</summary>
    private static string? Refusal(KafkaDatabase kafka, string feature, int level, string verb, bool isUnsafe)
    {
        string Invalid(string why) => $"Invalid update version {level} for feature {feature}. {why}";
        var active = kafka.Active!;
        foreach (var node in kafka.Nodes.OrderByDescending(n => n == active).ThenByDescending(n => n.IsBroker).ThenBy(n => n.Id))
        {
            var (min, max) = Supported(node, feature);
            var what = node == active ? $"Local controller {node.Id}" : node.IsBroker ? $"Broker {node.Id}" : $"Controller {node.Id}";
            if (max == 0)
                return Invalid($"{what} does not support this feature.");
            if (level < min || level > max)
                return Invalid($"{what} only supports versions {min}-{max}");
        }
        var present = feature == MetadataVersion ? kafka.Level : kafka.Features.GetValueOrDefault(feature);
        if (level < present && verb == "upgrade")
            return Invalid("Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.");
        if (level > present && verb == "downgrade")
            return Invalid("Can't downgrade to a newer version.");
        if (feature == MetadataVersion && level < present && MetadataVersions.Changed(present, level))
        {
            return $"Invalid metadata.version {level}. " + (isUnsafe ? "Unsafe metadata downgrade is not supported in this version."
                : "Refusing to perform the requested downgrade because it might delete metadata information.");
        }
        return null;
    }

    private static (int Min, int Max) Supported(KafkaNode node, string feature) => feature == MetadataVersion
        ? MetadataVersions.Of(node.Version)
        : (0, MetadataVersions.OtherFeatures(node.Version).FirstOrDefault(f => f.Name == feature).Max);
}
