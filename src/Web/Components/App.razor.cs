using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace Rollcall.Web.Components;

/// <summary>
/// The static document. Pages are interactive as a whole and never prerendered: services would run twice, and MudBlazor's need a browser.
/// Pages with <c>[ExcludeFromInteractiveRouting]</c> (login, error) stay plain HTML.
/// </summary>
public sealed partial class App
{
    private static readonly InteractiveServerRenderMode Interactive = new(prerender: false);

    [CascadingParameter] public required HttpContext HttpContext { get; set; }

    private IComponentRenderMode? PageMode => HttpContext.AcceptsInteractiveRouting() ? Interactive : null;
}
