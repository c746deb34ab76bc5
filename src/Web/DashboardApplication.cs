using MudBlazor.Services;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Storage;
using Rollcall.Web.Api;
using Rollcall.Web.Auth;
using Rollcall.Web.Components;
using Rollcall.Web.Configuration;
using Rollcall.Web.Hosting;
using Rollcall.Web.Hubs;
using Rollcall.Web.Model.Charts;
using Rollcall.Web.Model.Reporting;
using Rollcall.Web.Screens;

namespace Rollcall.Web;

/// <summary>
/// The composition root: the one place that knows all rooms of the house. A class and not top-level statements, so that tests start the very application that people start.
/// </summary>
public sealed class DashboardApplication : IAsyncDisposable
{
    public const string DefaultUrl = "http://127.0.0.1:5480";

    private readonly WebApplication _app;

    private readonly StartupSilence _silence;

    private DashboardApplication(WebApplication app, StartupSilence silence) => (_app, _silence) = (app, silence);

    public IServiceProvider Services => _app.Services;

    /// <summary>Addresses it listens on, after the start; with their real ports.</summary>
    public IReadOnlyCollection<string> Urls => [.. _app.Urls];

    /// <summary>The one-time link of this start.</summary>
    public string LoginUrl { get; private set; } = "";

    /// <summary>Runs until it is asked to stop. Returns the exit code; what a person can put right is one line on standard error, not a stack trace.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var command = CommandLine.Parse(args);
        if (command.Error is { } wrong)
            return await ComplainAsync(new StartupFailure(StartupFailure.BadUsage, wrong));
        if (command.Command == CommandKind.Help)
        {
            Console.WriteLine(CommandLine.Usage);
            return 0;
        }
        try
        {
            if (command.Command == CommandKind.Release)
                return await ReleaseCommand.RunAsync(command, Bind(Configure(command).Configuration), Console.Out, CancellationToken.None);
            if (command.Command == CommandKind.AuditVerify)
                return await AuditCommand.RunAsync(command, Bind(Configure(command).Configuration), Console.Out);
            await using var app = Create(args);
            await app.StartAsync();
            Console.WriteLine($"Rollcall is ready. Open {app.LoginUrl} (works once, within {app.FirstLinkLifetime.TotalMinutes:0} minutes).");
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception e) when (StartupFailure.Describe(e) is { } failure)
        {
            return await ComplainAsync(failure);
        }
    }

    /// <param name="configure">A last word on services and settings, for tests.</param>
    /// <exception cref="UsageException">Something in the settings is wrong; the message names it.</exception>
    public static DashboardApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var command = CommandLine.Parse(args);
        if (command.Error is { } wrong)
            throw new UsageException(wrong);
        var builder = Configure(command);
        // "dotnet run" is not Development, and without this its scripts and styles would be empty answers.
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(k => k.AddServerHeader = false);
        var silence = new StartupSilence();
        builder.Logging.AddFilter(StartupSilence.Category, silence.Allows);
        if (!ListensSomewhere(builder.Configuration))
            builder.WebHost.UseUrls(DefaultUrl);
        var options = Bind(builder.Configuration);
        AddServices(builder.Services, options);
        configure?.Invoke(builder);
        var app = builder.Build();
        MapPipeline(app);
        return new DashboardApplication(app, silence);
    }

    public async Task StartAsync(CancellationToken ct = default)
    {
        // The two slow things at once: whoever starts Rollcall is waiting for a page.
        var clusters = Services.GetRequiredService<ClusterSource>();
        var starting = Task.Run(() => clusters.StartAsync(ct), ct);
        var opening = Task.Run(Services.GetRequiredService<Database>, ct);
        await Task.WhenAll(starting, opening);
        Services.GetRequiredService<EngineOptions>().Origin = clusters.Origin;
        _ = Services.GetRequiredService<Measures>();
        await _app.StartAsync(ct);
        _silence.End();
        LoginUrl = Services.GetRequiredService<LinkService>().MintFirst().Url;
    }

    public Task WaitForShutdownAsync(CancellationToken ct = default) => _app.WaitForShutdownAsync(ct);

    public Task StopAsync(CancellationToken ct = default) => _app.StopAsync(ct);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private TimeSpan FirstLinkLifetime => Services.GetRequiredService<DashboardOptions>().Auth.FirstLinkLifetime;

    private static WebApplicationBuilder Configure(CommandLine command)
    {
        // The files beside the binary are ours, wherever it is started from; only ./data follows the working directory.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(DashboardApplication).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = command.Settings.GetValueOrDefault("environment"),
        });
        builder.Configuration.AddInMemoryCollection(command.Settings);
        return builder;
    }

    private static DashboardOptions Bind(ConfigurationManager configuration)
    {
        DashboardOptions options;
        try
        {
            options = configuration.GetSection(DashboardOptions.Section).Get<DashboardOptions>() ?? new DashboardOptions();
        }
        catch (InvalidOperationException e)
        {
            throw new UsageException($"The settings cannot be read: {e.Message}", e);
        }
        var problems = options.Problems().ToArray();
        return problems.Length == 0 ? options : throw new UsageException(string.Join(Environment.NewLine, problems));
    }

    private static bool ListensSomewhere(ConfigurationManager configuration) =>
        configuration["urls"] is { Length: > 0 } || configuration["http_ports"] is { Length: > 0 } || configuration["https_ports"] is { Length: > 0 } || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();

    private static void AddServices(IServiceCollection services, DashboardOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<Reports>();
        services.AddSingleton<LagHistory>();
        services.AddHostedService<LagSampler>();
        services.AddEngine(options);
        services.AddAccess(options);
        services.AddApi();
        services.AddHealth();
        services.AddMeasures();
        services.AddLiveHub();
        services.AddStatusScreens(options);
        // The longest message of a circuit is a plan out of the editor, in any script.
        services.AddRazorComponents().AddInteractiveServerComponents(o => o.DetailedErrors = false).AddHubOptions(o => o.MaximumReceiveMessageSize = 6 * Model.Composing.ComposeSession.LargestText);
        services.AddCascadingAuthenticationState();
        services.AddMudServices();
        services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(10));
    }

    private static void MapPipeline(WebApplication app)
    {
        app.UseMiddleware<SecurityHeaders>();
        app.UseApiErrors();
        app.UseMiddleware<SameOriginGuard>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<TokenScopeGuard>();
        app.UseAntiforgery();
        app.UseMiddleware<Idempotency>();

        app.MapStaticAssets().AllowAnonymous();
        app.MapLogin();
        app.MapGateLinks();
        app.MapOidc(app.Services.GetRequiredService<DashboardOptions>());
        app.MapApi();
        app.MapHealth();
        app.MapMeasures();
        app.MapLiveHub();
        app.MapStatusScreens();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(o => o.ContentSecurityFrameAncestorsPolicy = "'none'");
    }

    private static async Task<int> ComplainAsync(StartupFailure failure)
    {
        await Console.Error.WriteLineAsync(failure.Line);
        return failure.ExitCode;
    }
}
