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
        return At(context, context.User.ToCaller(context.RequestServices.GetRequiredService<DashboardOptions>().ReadOnly));
    }

    /// <summary>Who asks, with the roles of their login also in a read-only dashboard: for links, tokens and sessions.</summary>
    public static Caller AccessCaller(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return At(context, context.User.ToCaller());
    }

    private static Caller At(HttpContext context, Caller caller) => caller with { Address = context.Connection.RemoteIpAddress?.ToString() ?? caller.Address };
}
