using System.Collections.Immutable;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Notifying;
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
        services.AddSingleton(new WebhookOptions { AllowHttp = options.Webhooks.AllowHttp, Secrets = options.Webhooks.Secrets.ToImmutableDictionary(StringComparer.Ordinal) });
        services.AddSingleton(options.Metrics.ToOptions());
        services.AddRollcallKubernetes(s => s.GetRequiredService<ClusterSource>().Connection, options.ReadOnly);
        if (options.Auth.Kubernetes.Check)
            services.AddSingleton<IPersonAccess>(s => new SubjectAccess(s.GetRequiredService<ClusterSource>().Connection, options.Auth.Kubernetes.UserPrefix, options.Auth.Kubernetes.GroupPrefix));
        if (options.Cluster.Events && !options.ReadOnly)
            services.AddRollcallObjectEvents();
        services.AddRollcallNotices(
            new NoticeOptions { Url = options.Notifications.Url, Secret = options.Notifications.Secret, Kinds = options.Notifications.Chosen, PublicUrl = options.PublicUrl }, send: !options.ReadOnly);
        services.AddRollcallEngine(new EngineOptions
        {
            Database = options.Database,
            ReadOnly = options.ReadOnly,
            AllowSelfApproval = options.Gates.AllowSelfApproval ?? ClusterSource.IsDemo(options.Cluster),
            Freeze = [.. options.Freeze.Select(f => f.ToWindow())],
        }, s => s.GetRequiredService<ClusterSource>().Origin);
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
}
