using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Storage;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

public sealed partial class Rollouts
{
    /// <summary>The profile's stages, versions and warnings for the Compose page.</summary>
    public Result<ComposeDraft> Draft(ClusterKey cluster)
    {
        if (_tools.Catalog.Find(cluster)?.Current is not { } topology)
            return new Refusal(RefusalKind.NotFound, $"There is no cluster {cluster} in sight.");
        if (_planning.Profile(topology.Profile) is not { } profile)
            return new Refusal(RefusalKind.Conflict, $"{cluster} asks for the engine profile {topology.Profile}, which is not installed.");
        var spec = PlanSpecDefaults.For(topology, profile, []);
        var shards = topology.Components.SelectMany(c => c.Shards).Select(s => s.Name).ToImmutableArray();
        return new ComposeDraft(ClusterSummaries.Of(topology, _library.ActiveOn(cluster)?.Id), profile.Title, shards, spec, _planning.Write(spec)) { MayFinalise = profile.Finaliser is { Explicit: true } };
    }

    /// <summary>Validates and predicts; stores nothing. <paramref name="text"/> is YAML or JSON.</summary>
    public Task<Result<PlanView>> PreviewAsync(string text, Caller caller, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (!caller.Is(Caller.Viewer) && !caller.Is(Caller.Operator) && !caller.Is(Caller.Approver))
            return Task.FromResult<Result<PlanView>>(new Refusal(RefusalKind.Forbidden, $"{caller.Name} may not preview plans; that takes a role."));
        // The preview of a large cluster takes a moment of pure work; a circuit's dispatcher is not the place for it.
        return Task.Run<Result<PlanView>>(() =>
        {
            var built = Build(text, caller);
            return built.Ok ? PlanProjection.View(built.Value, stored: false) : built.Refusal;
        }, ct);
    }

    /// <summary>Like a preview, but stored; refused (Invalid) with findings of severity error.</summary>
    public async Task<Result<PlanView>> CreatePlanAsync(string text, Caller caller, CancellationToken ct)
    {
        if (Deny(caller, Caller.Operator, "make plans") is { } denied)
            return Refused(caller, AuditActions.Propose, "plan", denied);
        var built = await Task.Run(() => Build(text, caller), ct);
        if (!built.Ok)
            return built.Refusal;
        var plan = built.Value;
        var errors = plan.Findings.Where(f => f.Severity == Severity.Error).ToList();
        if (errors.Count > 0)
            return new Refusal(RefusalKind.Invalid, errors.Count == 1 ? errors[0].Message : $"The plan has {errors.Count} errors; the first: {errors[0].Message}")
            {
                Findings = plan.Findings, Errors = [.. errors.Select(f => new SpecError(f.Path, f.Line ?? 0, f.Message, []))],
            };
        await _journal.StorePlanAsync(plan, AuditEntry.By(caller, AuditActions.Propose, $"plan {plan.Id}") with { Cluster = plan.Cluster.ToString(), PlanHash = plan.Hash, Reason = plan.Spec.Name });
        return PlanProjection.View(plan, stored: true);
    }

    public Task<PlanView?> GetPlanAsync(string planId, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromResult(_journal.FindPlan(planId) is { } plan ? PlanProjection.View(plan, stored: true) : null);
    }

    private Result<Plan> Build(string text, Caller caller)
    {
        var read = _planning.Read(text);
        if (!read.Ok)
            return read.Refusal;
        var spec = read.Value;
        if (OutOfReach(caller, spec.Cluster) is { } outOfReach)
            return outOfReach;
        var target = Target(spec);
        if (!target.Ok)
            return target.Refusal;
        var topology = target.Value;
        if (_planning.Profile(topology.Profile) is not { } profile)
            return new Refusal(RefusalKind.Conflict, $"{spec.Cluster} asks for the engine profile {topology.Profile}, which is not installed.");
        return _planning.Build(new PlanRequest(spec, text, topology, profile, Ids.New('p'), caller.Name, _tools.Time.GetUtcNow()) { Measured = _past.Of(topology.Cluster, profile.Name, _library.List()) });
    }

    private Result<TopologySnapshot> Target(PlanSpec spec)
    {
        if (_tools.Catalog.Find(spec.Cluster)?.Current is { } topology)
            return topology;
        if (!_tools.Catalog.Ready)
            return new Refusal(RefusalKind.Unavailable, "Rollcall is still reading the clusters; ask again in a moment.");
        var message = $"There is no cluster {spec.Cluster} in sight.";
        var allowed = _tools.Catalog.Stores.Select(s => s.Cluster).Where(c => c.Namespace == spec.Namespace).Select(c => c.Name).ToImmutableArray();
        return new Refusal(RefusalKind.Invalid, message) { Errors = [new SpecError("/spec/target/name", 0, message, allowed)] };
    }
}
