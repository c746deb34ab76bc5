using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Storage;
using Rollcall.Engine.Topology;

namespace Rollcall.Engine.Notifying;

/// <summary>The composition of what tells people outside.</summary>
public static class NoticeServices
{
    /// <param name="send">False: what is owed is kept, and nothing leaves (read-only).</param>
    public static IServiceCollection AddRollcallNotices(this IServiceCollection services, NoticeOptions options, bool send)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(new WebhookOptions());
        services.AddSingleton(options);
        services.AddSingleton(s => new NoticeOutbox(s.GetRequiredService<Database>(), options, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Notices>();
        if (!send || !options.On)
            return services;
        services.AddHostedService(s => new NoticeSender(s.GetRequiredService<NoticeOutbox>(), new SignedHttp(SignedHttp.Client(), s.GetRequiredService<WebhookOptions>(), s.GetRequiredService<TimeProvider>()),
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<NoticeSender>>()));
        services.AddHostedService(s => new HoldWatch(s.GetRequiredService<ClusterCatalog>(), s.GetRequiredService<NoticeOutbox>(), s.GetRequiredService<EngineIdentity>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<HoldWatch>>()));
        return services;
    }
}
