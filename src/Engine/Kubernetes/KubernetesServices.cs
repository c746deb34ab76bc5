using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.KubeBlocks;
using Rollcall.Engine.Kubernetes.Looking;
using Rollcall.Engine.Kubernetes.Observing;
using Rollcall.Engine.Kubernetes.Probing;
using Rollcall.Engine.Kubernetes.StatefulSets;
using Rollcall.Engine.Kubernetes.Telling;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Topology;

namespace Rollcall.Engine.Kubernetes;

/// <summary>The Kubernetes room's composition.</summary>
public static class KubernetesServices
{
    /// <summary>
    /// Observes one API server and acts on it. Needs a <see cref="ProfileLibrary"/> and a <see cref="KubernetesConnection"/> (made by the caller, who knows where the cluster is).
    /// </summary>
    /// <param name="readOnly">No command is ever run in a Pod, and no driver is there to act.</param>
    public static IServiceCollection AddRollcallKubernetes(this IServiceCollection services, Func<IServiceProvider, KubernetesConnection> connection, bool readOnly = false)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ClusterCatalog>();
        services.AddSingleton(connection);
        services.AddSingleton<ProfileResolver>(s => s.GetRequiredService<ProfileLibrary>().Resolve);
        services.AddSingleton(s => new ObserveService(
            s.GetRequiredService<KubernetesConnection>(), s.GetRequiredService<ClusterCatalog>(), s.GetRequiredService<ProfileResolver>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<ObserveService>>()));
        services.AddSingleton(s => new PodLook(s.GetRequiredService<KubernetesConnection>(), s.GetRequiredService<ClusterCatalog>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new PodExec(s.GetRequiredService<KubernetesConnection>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new Prober(
            s.GetRequiredService<ClusterCatalog>(), s.GetRequiredService<PodExec>(), s.GetRequiredService<ProfileLibrary>().Find, s.GetRequiredService<ObserveService>().RecordAsync,
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<Prober>>(), new ProbeOptions { Sweep = !readOnly }));
        services.AddSingleton<IProber>(s => s.GetRequiredService<Prober>());
        services.AddSingleton<ICustody>(s => new LeaseCustody(s.GetRequiredService<KubernetesConnection>(), s.GetRequiredService<TimeProvider>()));
        if (!readOnly)
        {
            services.TryAddSingleton(new WebhookOptions());
            services.TryAddSingleton(new MetricOptions());
            services.AddSingleton<IActionRunner>(s => new ActionRunner(s.GetRequiredService<KubernetesConnection>(), s.GetRequiredService<PodExec>(), Webhooks(), s.GetRequiredService<WebhookOptions>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<MetricOptions>()));
            services.AddSingleton<IWorkloadDriver>(s => new StatefulSetDriver(s.GetRequiredService<KubernetesConnection>(), s.GetRequiredService<PodExec>(), s.GetRequiredService<ProfileResolver>(), s.GetRequiredService<TimeProvider>()));
            services.AddSingleton<IWorkloadDriver>(s => new KubeBlocksDriver(s.GetRequiredService<KubernetesConnection>(), s.GetRequiredService<ProfileResolver>(), s.GetRequiredService<TimeProvider>()));
        }
        services.AddHostedService<ObserveHost>();
        return services;
    }

    /// <summary>No redirect is followed (it could lead where the plan's readers would not have agreed), no proxy credentials, no cookies; times are the caller's.</summary>
    private static HttpClient Webhooks() => SignedHttp.Client();

    /// <summary>Writes Kubernetes Events on the objects that runs are about; needs the engine's composition beside this one.</summary>
    public static IServiceCollection AddRollcallObjectEvents(this IServiceCollection services) =>
        services.AddHostedService(s => new ObjectEvents(s.GetRequiredService<KubernetesConnection>(), s.GetRequiredService<ClusterCatalog>(), s.GetRequiredService<RunNews>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<ObjectEvents>>()));

    private sealed class ObserveHost(ObserveService observe, Prober prober) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            observe.Start();
            prober.Start();
            return Task.CompletedTask;
        }

        /// <summary>Both are ended by the container, after everything that still uses them.</summary>
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
