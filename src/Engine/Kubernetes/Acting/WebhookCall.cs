using System.Globalization;
using System.Net;
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
    private const int Tries = 4;

    private readonly SignedHttp _http = new(http, options, time);

    public async Task<ActResult> RunAsync(ActionAct act, ActContext context, OutputTail output, CancellationToken ct)
    {
        var hook = act.Spec.Webhook!;
        var url = new Uri(hook.Url);
        if (_http.Refusal(url, hook.Url) is { } forbidden)
            return ActResult.Refused(forbidden);
        if (!_http.TrySecret(hook.Secret, out var secret, out var unknown))
            return ActResult.Refused(unknown);

        var body = hook.Body ?? JsonSerializer.Serialize(JobRun.Facts(act, context).ToDictionary(f => f.Key, f => f.Value));
        var sent = hook.Method is "GET" or "DELETE" && hook.Body is null ? null : body;
        var key = Names.For(context.RunId, act.Step, context.Attempt);
        using var limit = new CancellationTokenSource(act.Spec.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            using var response = await Pipeline(output).ExecuteAsync(async stop => await _http.SendAsync(hook.Method, url, sent, key, secret, stop).ConfigureAwait(false), either.Token).ConfigureAwait(false);
            var (said, _) = await SignedHttp.TextAsync(response, SignedHttp.MostText, either.Token).ConfigureAwait(false);
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
}
