using System.Collections.Immutable;
using Rollcall.Engine.Documents;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>Metric checks at their points, side by side: nothing goes on before all have passed. Which members are meant is filled in for each measurement, from the cluster as it then is.</summary>
internal sealed class Analyses(DecisionBuilder b, PlanIndex index, Settling settling)
{
    /// <summary>True when every analysis of this point has passed; otherwise measurements that are due are offered, or their wait is said.</summary>
    public bool Pass(string point, PlannedComponent c, PlannedStage stage, ShardContext? s = null, Instance? subject = null)
    {
        var all = true;
        foreach (var spec in stage.Analyses)
        {
            if (spec.On != point)
                continue;
            var id = StepIds.Analysis(c.Name, stage.Name, spec.Name, s?.Baseline.Name, subject?.Name);
            var step = b.Ledger.Step(id);
            if (AnalysisSettling.Passed(step, spec))
                continue;
            all = false;
            if (step is null || (step.Open && settling.MayRetry(id)))
                Offer(spec, id, step, c, stage, s, subject);
        }
        return all;
    }

    /// <summary>Whether this point has analyses at all.</summary>
    public static bool Any(PlannedStage stage, string point)
    {
        foreach (var spec in stage.Analyses)
            if (spec.On == point)
                return true;
        return false;
    }

    private void Offer(AnalysisSpec spec, string id, StepEntry? step, PlannedComponent c, PlannedStage stage, ShardContext? s, Instance? subject)
    {
        StepStarted Intent(ActionAct? act) => new(id, StepKind.Analysis, c.Name, stage.Name, s?.Baseline.Name, subject?.Name, (step?.Last.Number ?? 0) + 1, act)
        {
            Title = $"Analysis {spec.Name} {(subject is not null ? $"after {subject.Name}" : s is not null ? $"after shard {s.Name}" : $"after stage {stage.Name}")}",
        };
        if (step is null && spec.Delay > TimeSpan.Zero)
        {
            b.Record(Intent(null));
            return;
        }
        ImmutableArray<(ShardContext Shard, Instance Member)> updated = [.. Scope(c, stage, s).SelectMany(x => x.Members.Where(m => subject is null ? x.OnTarget(m) : m.Name == subject.Name).Select(m => (x, m)))];
        ImmutableArray<string> siblings = spec.Siblings is null ? [] : Siblings(c, updated);
        if (spec.Siblings is not null && siblings.IsEmpty)
        {
            AnalysisSettling.NobodyToCompareWith(b, id, step, spec, () => Intent(null));
            return;
        }
        string Fill(string text, IEnumerable<string> pods, Func<string, string> written) => AnalysisReader.AnyPlaceholder().Replace(text, used => written(used.Groups["name"].Value switch
        {
            "pods" => AnyOf(pods),
            "namespace" => b.Plan.Cluster.Namespace,
            "cluster" => b.Plan.Cluster.Name,
            "component" => c.Name,
            "stage" => stage.Name,
            "shard" => AnyOf(s is not null ? [s.Baseline.Name] : stage.Shards),
            _ => AnyOf(subject is null ? [] : [subject.Name]),
        }));
        string? Query(IEnumerable<string> pods) => spec.Prometheus is { } query ? Fill(query, pods, x => x) : null;
        JsonMetric? Json(IEnumerable<string> pods) => spec.Json is { } json ? json with { Url = Fill(json.Url, pods, Uri.EscapeDataString) } : null;
        var names = updated.Select(u => u.Member.Name).ToList();
        var metric = new MetricAction
        {
            Prometheus = Query(names), Json = Json(names), Compare = spec.Siblings,
            SiblingsPrometheus = spec.Siblings is null ? null : Query(siblings), SiblingsJson = spec.Siblings is null ? null : Json(siblings),
        };
        var act = new ActionAct(id, c.Name, s?.Baseline.Name, subject?.Name, new ActionSpec { Metric = metric, Timeout = spec.Timeout }) { Analysis = spec.Name, Point = spec.On, Stage = stage.Name };
        b.Offer(Intent(act), act);
    }

    private IEnumerable<ShardContext> Scope(PlannedComponent c, PlannedStage stage, ShardContext? s) =>
        s is not null ? [s] : stage.Shards.Select(name => index.Shard(b.State, c.Name, name)).OfType<ShardContext>();

    /// <summary>Members of the component that run the old version and are well, in a role that one of the updated has too: a leader is no measure for a replica.</summary>
    private ImmutableArray<string> Siblings(PlannedComponent c, ImmutableArray<(ShardContext Shard, Instance Member)> updated)
    {
        var roles = updated.Select(u => Role(u.Shard, u.Member)).ToHashSet();
        return [.. index.Shards(b.State, c.Name).SelectMany(x => x.Members.Where(m => m.Ready && x.Outdated(m) && roles.Contains(Role(x, m)))).Select(m => m.Name)];
    }

    /// <summary>As it was last told: for a comparison that is fresh enough.</summary>
    private static string? Role(ShardContext s, Instance m) => s.RoleOf(m).Role ?? m.Role;

    /// <summary>A regular expression that matches exactly these names, also between the quotes of a query and in an address.</summary>
    private static string AnyOf(IEnumerable<string> names) => string.Join('|', names.Select(n => n.Replace(".", "[.]", StringComparison.Ordinal)));
}
