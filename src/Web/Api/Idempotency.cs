using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Api;

/// <summary>Says that an endpoint honours <c>Idempotency-Key</c>.</summary>
public sealed class IdempotentMetadata;

/// <summary>
/// The same caller with the same Idempotency-Key and the same request gets the first answer again, also after a restart, and nothing is done twice; the same key with another request is 409.
/// It stands outside the endpoint because the answer is what was written, not what the handler returned.
/// </summary>
public sealed class Idempotency(RequestDelegate next)
{
    public const string Header = "Idempotency-Key", Replayed = "Idempotency-Replayed";

    /// <summary>Requests that are repeated safely are small.</summary>
    private const int LargestBody = 1024 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var key = context.Request.Headers[Header].ToString();
        if (key.Length == 0 || context.GetEndpoint()?.Metadata.GetMetadata<IdempotentMetadata>() is null)
        {
            await next(context);
            return;
        }
        var request = await RequestTextAsync(context.Request);
        if (request is null)
        {
            await Results.Problem(statusCode: StatusCodes.Status413PayloadTooLarge, title: "Too large", detail: "A request with an Idempotency-Key has at most 1 MiB.").ExecuteAsync(context);
            return;
        }
        var store = context.RequestServices.GetRequiredService<IdempotencyStore>();
        var fresh = false;
        var answer = await store.OnceAsync(WhoAsks(context), key, request, async _ =>
        {
            fresh = true;
            return await CaptureAsync(context);
        }, context.RequestAborted);
        if (!answer.Ok)
        {
            await Answers.Of(answer.Refusal).ExecuteAsync(context);
            return;
        }
        await WriteAsync(context, answer.Value, fresh);
    }

    /// <summary>A token is not the person it acts for: it may reach less, and must not be shown an answer that was theirs.</summary>
    private static string WhoAsks(HttpContext context) => context.User.TokenId() is { } token ? $"{context.Caller().Name} {token}" : context.Caller().Name;

    private async Task<StoredAnswer> CaptureAsync(HttpContext context)
    {
        var real = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var buffer = new MemoryStream();
        var body = new StreamResponseBodyFeature(buffer);
        context.Features.Set<IHttpResponseBodyFeature>(body);
        try
        {
            await next(context);
            await body.CompleteAsync();
        }
        finally
        {
            context.Features.Set(real);
        }
        var response = context.Response;
        return new StoredAnswer(response.StatusCode, response.ContentType ?? "", Encoding.UTF8.GetString(buffer.ToArray()), response.Headers.Location);
    }

    private static async Task WriteAsync(HttpContext context, StoredAnswer answer, bool fresh)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        if (answer.ContentType.Length > 0)
            response.ContentType = answer.ContentType;
        if (answer.Location is { } location)
            response.Headers.Location = location;
        if (!fresh)
            response.Headers[Replayed] = "true";
        await response.WriteAsync(answer.Body, context.RequestAborted);
    }

    /// <summary>Method, path and body: what has to be the same for an answer to be the same.</summary>
    private static async Task<string?> RequestTextAsync(HttpRequest request)
    {
        request.EnableBuffering();
        using var reader = new StreamReader(request.Body, Encoding.UTF8, leaveOpen: true);
        var buffer = new char[LargestBody + 1];
        var length = await reader.ReadBlockAsync(buffer, request.HttpContext.RequestAborted);
        request.Body.Position = 0;
        return length > LargestBody ? null : $"{request.Method} {request.Path}{request.QueryString}\n{new string(buffer, 0, length)}";
    }
}
