using System.Collections.Immutable;
using System.Globalization;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>The Backups of a Cluster, newest first. Only what is of use is kept: those that run, and the newest complete ones of each component.</summary>
public static class KubeBlocksBackups
{
    private const int KeptEach = 2;

    public static ImmutableArray<BackupFact> Of(KubeObject cluster, IEnumerable<KubeObject> backups, IReadOnlyCollection<string> components)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(components);
        return
        [
            .. backups.Select(b => Read(b, cluster.Name, components))
                .Where(b => b.Phase is not "Deleting")
                .GroupBy(b => (b.Component, Complete: b.Complete, Failed: b.Phase == "Failed"))
                .SelectMany(g => g.OrderByDescending(b => b.CompletedAt).ThenBy(b => b.Name, StringComparer.Ordinal).Take(KeptEach))
                .OrderByDescending(b => b.CompletedAt ?? DateTimeOffset.MaxValue).ThenBy(b => b.Name, StringComparer.Ordinal),
        ];
    }

    private static BackupFact Read(KubeObject backup, string cluster, IReadOnlyCollection<string> components)
    {
        var policy = KubeObject.Text(backup.Spec, "backupPolicyName");
        var labelled = backup.Label(KubeBlocksNames.ShardingName) ?? backup.Label(KubeBlocksNames.ComponentName);
        var component = labelled is not null && components.Contains(labelled) ? labelled : components.FirstOrDefault(c => policy == $"{cluster}-{c}-backup-policy") ?? "";
        var phase = KubeObject.Text(backup.Status, "phase");
        var completed = DateTimeOffset.TryParse(KubeObject.Text(backup.Status, "completionTimestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : (DateTimeOffset?)null;
        return new BackupFact(backup.Name, component, KubeObject.Text(backup.Spec, "backupMethod"), phase.Length > 0 ? phase : "New", completed);
    }
}
