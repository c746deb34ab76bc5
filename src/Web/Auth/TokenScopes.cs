using Rollcall.Shared;

namespace Rollcall.Web.Auth;

/// <summary>Says that an endpoint shows and touches nothing beyond the caller's scope, so that a token that is limited to some clusters may call it.</summary>
public sealed class KeepsScopeMetadata;

/// <summary>Says that an endpoint changes nothing although it is a POST, so that a token that only reads may call it.</summary>
public sealed class ReadsMetadata;

public static class TokenScopes
{
    /// <summary>The handler asks the engine with the caller, and the engine keeps to the caller's clusters.</summary>
    public static TBuilder KeepsScope<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new KeepsScopeMetadata());

    public static TBuilder Reads<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new ReadsMetadata());
}

/// <summary>
/// Limits of a token hold at every endpoint unless it says that it knows them: an endpoint that nobody thought about is closed to limited tokens, not open. The engine checks each command again.
/// </summary>
public sealed class TokenScopeGuard(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Refusal(context) is { } why ? Refusals.Forbidden(context, why) : next(context);
    }

    private static string? Refusal(HttpContext context)
    {
        if (context.User.TokenId() is null || context.GetEndpoint()?.Metadata is not { } metadata || metadata.GetMetadata<Microsoft.AspNetCore.Authorization.IAllowAnonymous>() is not null)
            return null;
        var scope = context.User.Scope();
        if (scope.Limited && metadata.GetMetadata<KeepsScopeMetadata>() is null)
            return $"This token reaches {scope.InWords()}; this is about all of them.";
        var method = context.Request.Method;
        return scope.ReadOnly && !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && metadata.GetMetadata<ReadsMetadata>() is null ? "This token only reads." : null;
    }
}
