using System.Collections.Immutable;
using System.Reflection;
using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Configuration;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Pages;

/// <summary>Who I am, how it looks, what this is connected to, and, for admins, who may come in.</summary>
public sealed partial class Settings
{
    private static readonly string Version = typeof(Settings).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    private static readonly Dictionary<string, string> Titles = new(StringComparer.Ordinal) { ["you"] = "You", ["tokens"] = "API tokens", ["notifications"] = "Notifications", ["people"] = "People", ["screens"] = "Status screens" };

    private string _section = "you";
    private Caller _caller = new("", [], []);
    private bool _admin;
    private bool _hasPassword;
    private int _clusters;
    private int _connected;
    private ImmutableArray<SourceNote> _notes = [];

    /// <summary>you, tokens, notifications, people or screens.</summary>
    [Parameter] public string? Section { get; set; }

    [Inject] public required ClusterCatalog Catalog { get; init; }
    [Inject] public required AccountService Accounts { get; init; }
    [Inject] public required CallerAccessor Callers { get; init; }
    [Inject] public required DashboardOptions Options { get; init; }

    private string Connection => Options.Cluster switch
    {
        { Kubeconfig: { Length: > 0 } file } cluster => $"kubeconfig {Path.GetFileName(file)}{(cluster.Context is { Length: > 0 } context ? $", context {context}" : "")}{(cluster.Namespace is { Length: > 0 } ns ? $", namespace {ns}" : "")}",
        { Demo: false } when Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 } => "the cluster this Pod runs in, by its service account",
        _ => "the demo cluster: simulated, and it starts anew with each process",
    };

    protected override async Task OnInitializedAsync()
    {
        _caller = await Callers.GetForAccessAsync();
        _admin = _caller.Is(Caller.Admin);
        _hasPassword = Accounts.Of(_caller.Name) is not null;
        Refresh();
    }

    protected override void OnParametersSet() => _section = Section is not null && Titles.ContainsKey(Section) ? Section : "you";

    protected override Func<CancellationToken, Task> Mark() => Cursor.Over(Catalog);

    protected override bool Refresh()
    {
        var before = (_clusters, _connected, _notes);
        var stores = Catalog.Stores.Select(s => s.Current).ToArray();
        (_clusters, _connected, _notes) = (stores.Length, stores.Count(s => s.Connected), Catalog.Notes);
        return before != (_clusters, _connected, _notes);
    }
}
