using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Api;

public static class ApiContext
{
    /// <summary>Who asks, for the engine.</summary>
    public static Caller Caller(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.User.ToCaller(context.RequestServices.GetRequiredService<DashboardOptions>().ReadOnly);
    }
}
