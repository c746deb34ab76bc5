using Microsoft.AspNetCore.Components.Web;

namespace Rollcall.Web.Components.Layout;

/// <summary>The frame around every page: bar, rail, the MudBlazor providers, and one error boundary so that a broken page leaves the rest alive.</summary>
public sealed partial class MainLayout
{
    private ErrorBoundary? _boundary;

    protected override void OnParametersSet()
    {
        // A navigation gets a fresh chance; without this the error of one page would stay over the next.
        _boundary?.Recover();
    }

    private void Recover() => _boundary?.Recover();
}
