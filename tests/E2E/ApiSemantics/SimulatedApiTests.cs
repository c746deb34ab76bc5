using k8s;
using Rollcall.Simulator.Api;
using Xunit;

namespace Rollcall.E2E.ApiSemantics;

public sealed class SimulatedApiFixture : IAsyncLifetime
{
    public SimulatedApiServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await SimulatedApiServer.StartAsync(new(), TimeProvider.System, CancellationToken.None);

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>The facts, of the simulated API server.</summary>
public sealed class SimulatedApiTests(SimulatedApiFixture fixture) : ApiSemanticsTests, IClassFixture<SimulatedApiFixture>
{
    protected override Kubernetes CreateClient() => SimulatedApi.Connect(fixture.Server);

    protected override Task ExpireHistoryAsync(string resourceVersion)
    {
        fixture.Server.Faults.ExpireResourceVersions();
        return Task.CompletedTask;
    }

    protected override async Task<string> GetExpiredVersionAsync()
    {
        var version = (await CreateBackupAsync("before")).Metadata.ResourceVersion;
        fixture.Server.Faults.ExpireResourceVersions();
        return version;
    }
}
