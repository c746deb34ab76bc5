using System.Data.Common;

namespace Rollcall.Web.Configuration;

/// <summary>
/// Everything that can be set from outside: <c>appsettings.json</c>, then the environment (<c>Rollcall__Cluster__Kubeconfig</c>), then the command line; the later wins.
/// Read once at start.
/// </summary>
public sealed class DashboardOptions
{
    public const string Section = "Rollcall";

    /// <summary>A SQLite connection string or the path of a file. DataProtection keys and the list of sessions live in the same folder.</summary>
    /// <value>Default: <c>Data Source=./data/rollcall.db</c>.</value>
    public string Database { get; set; } = "Data Source=./data/rollcall.db";

    /// <summary>Observe only: get, list and watch are the only rights used, and no command is accepted.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>How people reach this dashboard, for the links it hands out (<c>https://rollcall.example.org</c>). Empty: the address it listens on.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>A folder of engine profiles that override or extend the built-in ones; empty for none.</summary>
    public string Profiles { get; set; } = "";

    /// <summary>Change freezes for every run, <c>Rollcall__Freeze__0__Cron</c> and so on. Empty: none.</summary>
    public IList<FreezeOptions> Freeze { get; } = [];

    public ClusterOptions Cluster { get; set; } = new();

    public AuthOptions Auth { get; set; } = new();

    public GateOptions Gates { get; set; } = new();
    public WebhookSettings Webhooks { get; set; } = new();

    public MetricSettings Metrics { get; set; } = new();
    public ScreensOptions Screens { get; set; } = new();
    public NotificationSettings Notifications { get; set; } = new();

    /// <summary>The folder of the database file, absolute; keys and sessions are kept beside it.</summary>
    public string DataFolder => Path.GetDirectoryName(Path.GetFullPath(DatabaseFile()))!;

    /// <summary>What is wrong, one sentence each; empty when all is well.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var problem in Notifications.Problems(Webhooks))
            yield return problem;
        if (string.IsNullOrWhiteSpace(Database))
            yield return "Rollcall__Database is empty; give a file (\"Data Source=./data/rollcall.db\").";
        if (PublicUrl.Length > 0 && !(Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            yield return $"Rollcall__PublicUrl must be an http or https address; \"{PublicUrl}\" is not.";
        foreach (var problem in Cluster.Problems().Concat(Auth.Problems()).Concat(Metrics.Problems()).Concat(Freeze.SelectMany((f, i) => f.Problems($"Rollcall__Freeze__{i}"))))
            yield return problem;
    }

    private string DatabaseFile()
    {
        if (!Database.Contains('=', StringComparison.Ordinal))
            return Database;
        var builder = new DbConnectionStringBuilder { ConnectionString = Database };
        foreach (var key in (ReadOnlySpan<string>)["Data Source", "DataSource", "Filename"])
            if (builder.TryGetValue(key, out var file) && file is string { Length: > 0 } path)
                return path;
        return "./data/rollcall.db";
    }
}

/// <summary>Which clusters to show. All empty: the demo cluster, or the service account when this runs in a Pod.</summary>
public sealed class ClusterOptions
{
    /// <summary>Path of a kubeconfig file.</summary>
    public string? Kubeconfig { get; set; }

    /// <summary>A context of that file; empty: its current one.</summary>
    public string? Context { get; set; }

    /// <summary>Look at one namespace only; empty: at all of them.</summary>
    public string? Namespace { get; set; }

    /// <summary>Write Kubernetes Events on the StatefulSets or KubeBlocks Clusters that runs are about.</summary>
    /// <value>Default: true.</value>
    public bool Events { get; set; } = true;

    /// <summary>Run the demo cluster even in a Pod.</summary>
    public bool Demo { get; set; }

    /// <summary>A scenario of the simulator; empty: its default one.</summary>
    public string? Scenario { get; set; }

    public IEnumerable<string> Problems()
    {
        if (!string.IsNullOrEmpty(Kubeconfig) && !File.Exists(Kubeconfig))
            yield return $"The kubeconfig \"{Kubeconfig}\" does not exist.";
        if (!string.IsNullOrEmpty(Kubeconfig) && Demo)
            yield return "Either a kubeconfig or the demo cluster, not both.";
        if (string.IsNullOrEmpty(Kubeconfig) && !string.IsNullOrEmpty(Context))
            yield return "--context names a context of a kubeconfig; give --kubeconfig PATH as well.";
    }
}

/// <summary>What holds at every gate, whatever a plan says.</summary>
public sealed class GateOptions
{
    /// <summary>People may approve the plans they made and the runs they started; said on screen where it is so.</summary>
    /// <value>Default: only with the demo cluster, where one person walks the whole path.</value>
    public bool? AllowSelfApproval { get; set; }
}

/// <summary>Hooks that are HTTP requests: where they may go, and the secrets that sign them (<c>Rollcall__Webhooks__Secrets__NAME</c>). A plan names a secret, it never holds one.</summary>
public sealed class WebhookSettings
{
    /// <summary>Allow plain http to other machines.</summary>
    /// <value>Default: false, https or this machine only.</value>
    public bool AllowHttp { get; set; }

    public Dictionary<string, string> Secrets { get; } = new(StringComparer.Ordinal);
}

/// <summary>Status screens.</summary>
public sealed class ScreensOptions
{
    /// <summary>Admins may make screens that open without the key in their link: whoever reaches this address may then look at those clusters.</summary>
    /// <value>Default: false.</value>
    public bool AllowAnonymous { get; set; }
}

public sealed class AuthOptions
{
    public static readonly TimeSpan ShortestSession = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan LongestSession = TimeSpan.FromDays(30);

    /// <summary>An admin API token for automation (<c>Authorization: Bearer …</c>). Only its hash is kept in memory; it is never logged.</summary>
    public string? BootstrapToken { get; set; }

    /// <summary>How long a login lasts; there is no sliding.</summary>
    /// <value>Default: 12 hours. From 5 minutes to 30 days.</value>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How long the login link printed at start can be used.</summary>
    /// <value>Default: 1 hour. From 1 minute to 24 hours.</value>
    public TimeSpan FirstLinkLifetime { get; set; } = TimeSpan.FromHours(1);

    public OidcOptions Oidc { get; set; } = new();

    public PersonCheckOptions Kubernetes { get; set; } = new();

    public IEnumerable<string> Problems()
    {
        foreach (var problem in Oidc.Problems())
            yield return problem;
        if (BootstrapToken is { Length: > 0 and < 16 })
            yield return "Rollcall__Auth__BootstrapToken is shorter than 16 characters; take a random one, e.g. from \"openssl rand -hex 32\".";
        if (SessionLifetime < ShortestSession || SessionLifetime > LongestSession)
            yield return $"Rollcall__Auth__SessionLifetime must be from {ShortestSession} to {LongestSession}; it is {SessionLifetime}.";
        if (FirstLinkLifetime < TimeSpan.FromMinutes(1) || FirstLinkLifetime > TimeSpan.FromHours(24))
            yield return $"Rollcall__Auth__FirstLinkLifetime must be from 00:01:00 to 1.00:00:00; it is {FirstLinkLifetime}.";
    }
}

/// <summary>Asking Kubernetes whether the person could do by hand what they ask Rollcall to do.</summary>
public sealed class PersonCheckOptions
{
    /// <summary>Ask by SubjectAccessReview before anything is set in motion for somebody. Needs <c>deploy/rbac-person-check.yaml</c>.</summary>
    public bool Check { get; set; }

    /// <summary>What the API server puts before people's names, e.g. <c>oidc:</c>.</summary>
    public string UserPrefix { get; set; } = "";

    /// <summary>What the API server puts before groups.</summary>
    public string GroupPrefix { get; set; } = "";
}
