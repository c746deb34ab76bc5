using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes;
using Rollcall.Engine.Profiles;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Hosting;

/// <summary>The engine and the clusters it looks at: which implementation stands behind which wall.</summary>
public static class EngineSetup
{
    public static void AddEngine(this IServiceCollection services, DashboardOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var profiles = Profiles(options);
        services.AddSingleton(profiles);
        services.AddSingleton<ClusterSource>();
        services.AddSingleton(MakePlanning);
        services.AddRollcallKubernetes(s => s.GetRequiredService<ClusterSource>().Connection, options.ReadOnly);
        services.AddRollcallEngine(new EngineOptions
        {
            Database = options.Database,
            ReadOnly = options.ReadOnly,
        });
    }

    /// <summary>An override that is not in force would be a surprise: a profile that cannot be read stops the start.</summary>
    public static ProfileLibrary Profiles(DashboardOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var library = ProfileLibrary.Load(options.Profiles.Length == 0 ? null : options.Profiles);
        return library.Problems.IsEmpty
            ? library
            : throw new UsageException(string.Join(Environment.NewLine, library.Problems.Select(p =>
                p.Refusal.Errors.IsDefaultOrEmpty ? $"{p.File}: {p.Refusal.Message}" : string.Join(Environment.NewLine, p.Refusal.Errors.Select(e => $"{p.File}:{e.Line}: {e.Message}")))));
    }

    private static Planning MakePlanning(IServiceProvider services)
    {
        var (profiles, time) = (services.GetRequiredService<ProfileLibrary>(), services.GetRequiredService<TimeProvider>());
        return new Planning
        {
            Profile = profiles.Find,
            Read = PlanSpecReader.Read,
            Build = (spec, text, topology, profile) =>
            {
                var now = time.GetUtcNow();
                var built = PlanBuilder.Build(spec, text, topology, profile, planId: "", createdBy: "", now, services.GetRequiredService<EngineIdentity>().Owner);
                return built.Ok ? Previewer.Complete(built.Value, topology, now) : built;
            },
            Rollback = (run, forward, ledger, now, planId, by, at) => RollbackPlanner.Build(run, forward, ledger, now, PlanHash.Of, planId, by, at),
            Changed = PlanHash.Changed,
            Write = PlanSpecWriter.ToYaml,
            Decider = () => new Decider().Decide,
        };
    }
}
