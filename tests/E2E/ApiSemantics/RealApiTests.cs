using k8s;
using Rollcall.E2E.Support;
using Xunit;

namespace Rollcall.E2E.ApiSemantics;

public sealed class RealApiFixture : IAsyncLifetime
{
    public RealControlPlane ControlPlane { get; } = new();

    /// <summary>Why custom resources cannot be used on this server, or null.</summary>
    public string? CustomResourcesSkipReason { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (RealControlPlane.SkipReason is not null)
            return;
        await ControlPlane.InitializeAsync();
        CustomResourcesSkipReason = await ControlPlane.InstallKubeBlocksAsync();
    }

    public ValueTask DisposeAsync() => ControlPlane.DisposeAsync();
}

/// <summary>The same facts, of a real API server with its controller-manager.</summary>
public sealed class RealApiTests(RealApiFixture fixture) : ApiSemanticsTests, IClassFixture<RealApiFixture>
{
    public override ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RealControlPlane.SkipReason is not null, RealControlPlane.SkipReason ?? "");
        return base.InitializeAsync();
    }

    protected override Kubernetes CreateClient() => fixture.ControlPlane.CreateClient();

    protected override void RequireCustomResources() => Assert.SkipWhen(fixture.CustomResourcesSkipReason is not null, fixture.CustomResourcesSkipReason ?? "");

    protected override Task ExpireHistoryAsync(string resourceVersion) => fixture.ControlPlane.CompactAsync(resourceVersion);

    // Its watch cache began when the kind was installed, long after revision 1.
    protected override Task<string> GetExpiredVersionAsync() => Task.FromResult("1");
}
