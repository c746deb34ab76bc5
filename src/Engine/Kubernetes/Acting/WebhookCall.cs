using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Polly;
using Polly.Retry;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>
/// An HTTP request, signed and sent until it is answered. All tries of one attempt (also those after a restart) carry the same Idempotency-Key, so that the receiver can do it once.
/// </summary>
internal sealed class WebhookCall(HttpClient http, WebhookOptions options, TimeProvider time)
{
    public const string SignatureHeader = "Rollcall-Signature";
    public const string KeyHeader = "Idempotency-Key";

    private const int Tries = 4;
    private const int MostText = 64 * 1024;
    private static readonly TimeSpan PerTry = TimeSpan.FromSeconds(30);

    public async Task<ActResult> RunAsync(ActionAct act, ActContext context, OutputTail output, CancellationToken ct)
    {
        var hook = act.Spec.Webhook!;
        var url = new Uri(hook.Url);
        if (url.Scheme != Uri.UriSchemeHttps && !url.IsLoopback && !options.AllowHttp)
            return ActResult.Refused($"{hook.Url} is plain http to another machine. Use https, or set Rollcall__Webhooks__AllowHttp.");
        var secret = "";
        if (hook.Secret is { } name && !options.Secrets.TryGetValue(name, out secret!))
            return ActResult.Refused($"Rollcall's configuration has no webhook secret '{name}'; set Rollcall__Webhooks__Secrets__{name}.");

        var body = hook.Body ?? JsonSerializer.Serialize(JobRun.Facts(act, context).ToDictionary(f => f.Key, f => f.Value));
        var key = Names.For(context.RunId, act.Step, context.Attempt);
        using var limit = new CancellationTokenSource(act.Spec.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            using var response = await Pipeline(output).ExecuteAsync(async stop => await SendAsync(hook, url, body, key, secret, stop).ConfigureAwait(false), either.Token).ConfigureAwait(false);
            var said = await TextAsync(response, either.Token).ConfigureAwait(false);
            output.Add($"{(int)response.StatusCode} {response.ReasonPhrase}\n{said}");
            var code = (int)response.StatusCode;
            return (response.IsSuccessStatusCode ? ActResult.Accepted($"{url.Host} answered {code}.") : ActResult.Failed($"{url.Host} answered {code} {response.ReasonPhrase}.")) with { ExitCode = code };
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return ActResult.Failed(string.Create(CultureInfo.InvariantCulture, $"{url.Host} did not answer within {act.Spec.Timeout.TotalSeconds:0.#} s."));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return ActResult.Failed($"{url.Host} could not be reached: {e.Message.TrimEnd('.')}.");
        }
    }

    /// <summary><c>t=…,v1=…</c>: seconds since 1970, and HMAC-SHA256 in hexadecimal over <c>time.body</c>. The time inside keeps an old request from being sent again by somebody else.</summary>
    public static string Sign(string secret, DateTimeOffset at, string body)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{body}")))}";
    }

    private async Task<HttpResponseMessage> SendAsync(WebhookAction hook, Uri url, string body, string key, string secret, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(PerTry, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        using var request = new HttpRequestMessage(new HttpMethod(hook.Method), url);
        if (hook.Method is not "GET" and not "DELETE" || hook.Body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(body.AsSpan().TrimStart().StartsWith("{") ? "application/json" : "text/plain"));
        request.Headers.UserAgent.ParseAdd("rollcall");
        request.Headers.Add(KeyHeader, key);
        if (secret.Length > 0)
            request.Headers.Add(SignatureHeader, Sign(secret, time.GetUtcNow(), request.Content is null ? "" : body));
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new HttpRequestException($"no answer within {PerTry.TotalSeconds:0} s", e);
        }
    }

    private ResiliencePipeline<HttpResponseMessage> Pipeline(OutputTail output) => new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = Tries - 1,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromSeconds(1),
            MaxDelay = TimeSpan.FromSeconds(30),
            ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>().HandleResult(r => r.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)r.StatusCode >= 500),
            DelayGenerator = static tried => ValueTask.FromResult(tried.Outcome.Result?.Headers.RetryAfter?.Delta),
            OnRetry = tried =>
            {
                output.Add($"{(tried.Outcome.Result is { } r ? $"{(int)r.StatusCode} {r.ReasonPhrase}" : tried.Outcome.Exception?.Message)}; tried again\n");
                tried.Outcome.Result?.Dispose();
                return ValueTask.CompletedTask;
            },
        })
        .Build();

    private static async Task<string> TextAsync(HttpResponseMessage response, CancellationToken ct)
    {
        await using var body = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        var bytes = new byte[MostText];
        var got = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
        return Encoding.UTF8.GetString(bytes, 0, got);
    }
}
