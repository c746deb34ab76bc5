using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Notifying;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Storage;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>The engine's composition. The Kubernetes room (catalog, drivers, custody, prober) registers itself beside it.</summary>
public static class EngineServices
{
    /// <summary>
    /// Adds storage, runs and the <see cref="Rollouts"/> facade. Needs <see cref="ICustody"/>, <see cref="IProber"/> and <see cref="IWorkloadDriver"/>s registered, unless read-only.
    /// The database is opened when the host starts (or something asks for it): <see cref="DatabaseRefusedException"/> comes from there.
    /// </summary>
    /// <param name="origin">Says where the clusters are, once that is known; without it <see cref="EngineOptions.Origin"/> holds.</param>
    public static IServiceCollection AddRollcallEngine(this IServiceCollection services, EngineOptions options, Func<IServiceProvider, string>? origin = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ClusterCatalog>();
        services.TryAddSingleton(_ => ProfileLibrary.Load(options.Profiles));
        services.TryAddSingleton(s => Planning.Of(s.GetRequiredService<ProfileLibrary>(), s.GetRequiredService<EngineIdentity>().Owner, options.Freeze, a => s.GetService<IActionRunner>()?.Unmeasurable(a)));
        services.AddSingleton(s => Database.Open(options.Database, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<Database>>()));
        services.AddSingleton(s => EngineIdentity.Of(options, s.GetRequiredService<Database>(), origin?.Invoke(s)));
        services.AddSingleton(s => new Journal(s.GetRequiredService<Database>(), s.GetService<NoticeOutbox>()));
        services.AddSingleton<IdempotencyStore>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<RunNews>();
        services.AddSingleton<StepMeter>();
        services.AddSingleton<TemplateStore>();
        services.AddSingleton(s => new RunLibrary(s.GetRequiredService<Journal>(), s.GetRequiredService<ClusterCatalog>(), s.GetRequiredService<EngineIdentity>(), s.GetRequiredService<TimeProvider>())
        {
            SelfApproval = options.AllowSelfApproval,
            News = s.GetRequiredService<RunNews>(),
            Freeze = options.Freeze,
            Standstill = options.ReadOnly ? new Reason("This Rollcall observes only (--read-only).") { Next = "The Rollcall that started the run drives it." } : null,
        });
        services.AddSingleton(Tools);
        services.AddSingleton<RunSupervisor>();
        services.AddSingleton(s => new Rollouts(s.GetRequiredService<RunLibrary>(), s.GetRequiredService<RunSupervisor>(), s.GetRequiredService<Journal>(), s.GetRequiredService<AuditLog>(), s.GetRequiredService<Planning>(),
            s.GetRequiredService<RunTools>(), s.GetRequiredService<EngineIdentity>(), options, s.GetRequiredService<TemplateStore>()) { Persons = s.GetService<IPersonAccess>() });
        services.AddHostedService<EngineHost>();
        return services;
    }

    private static RunTools Tools(IServiceProvider s)
    {
        var drivers = s.GetServices<IWorkloadDriver>().ToDictionary(d => d.Kind);
        return new RunTools(
            s.GetRequiredService<ClusterCatalog>(), kind => drivers.GetValueOrDefault(kind), s.GetRequiredService<ICustody>(), s.GetRequiredService<IProber>(), s.GetRequiredService<Planning>().Decider,
            s.GetRequiredService<EngineIdentity>().Owner, s.GetRequiredService<EngineOptions>().LeaseRenewal, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<Rollouts>>())
        {
            Actions = s.GetService<IActionRunner>(),
            Freeze = s.GetRequiredService<EngineOptions>().Freeze,
        };
    }
}

/// <summary>Takes the unfinished runs up when the host starts, and lets go of them when it stops: they go on at the next start.</summary>
internal sealed class EngineHost(RunSupervisor supervisor, Rollouts rollouts, IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The facade gives the supervisor its way to roll back; it must exist before the first loop does.
        ArgumentNullException.ThrowIfNull(rollouts);
        // It counts from the first line on; a host without metrics goes without.
        if (services.GetService<IMeterFactory>() is not null)
            _ = services.GetRequiredService<StepMeter>();
        return supervisor.StartAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await supervisor.DisposeAsync();
}
