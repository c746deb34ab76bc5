using System.Globalization;
using System.Net.Http.Headers;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>
/// Asks for one number, of Prometheus (an instant query) or of a JSON answer. Reading changes nothing, so a measurement that a crash interrupted is simply asked again under its own intent. Of an answer nothing
/// is kept but the number.
/// </summary>
internal sealed class MetricQuery(HttpClient http, MetricOptions options, WebhookOptions webhooks, TimeProvider time)
{
    private const int MostBytes = 1024 * 1024;
    private const int LongestAddress = 8 * 1024;

    public async Task<ActResult> RunAsync(ActionAct act, OutputTail output, CancellationToken ct)
    {
        var metric = act.Spec.Metric!;
        if (Where(metric.Prometheus, metric.Json) is (null, var refused))
            return ActResult.Refused(refused);
        using var limit = new CancellationTokenSource(act.Spec.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            var one = await AskAsync(metric.Prometheus, metric.Json, either.Token).ConfigureAwait(false);
            var measured = metric.Compare is null || one.Value is null ? one : Compared(metric.Compare, one, await AskAsync(metric.SiblingsPrometheus, metric.SiblingsJson, either.Token).ConfigureAwait(false));
            output.Add(measured.Value is { } value ? value.ToString("R", CultureInfo.InvariantCulture) : measured.Problem);
            return ActResult.Accepted(measured.Value is null ? measured.Problem : $"{measured.Source} says {AnalysisSpec.Number(measured.Value.Value)}.") with { Measured = measured };
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return ActResult.Failed(string.Create(CultureInfo.InvariantCulture, $"No answer within {act.Spec.Timeout.TotalSeconds:0.#} s."));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return ActResult.Failed($"It could not be asked: {e.Message.TrimEnd('.')}.");
        }
    }

    /// <summary>Addresses are filled in when it is measured, so only what a plan names can be looked up before.</summary>
    public string? Unmeasurable(AnalysisSpec analysis) =>
        analysis.Prometheus is not null ? options.Prometheus is null ? NoPrometheus : null
        : analysis.Json?.Source is { } name && !options.Sources.ContainsKey(name) ? NoSource(name) : null;

    private static Measurement Compared(string how, Measurement updated, Measurement siblings)
    {
        if (siblings.Value is not { } other)
            return new Measurement(null, siblings.Source) { Updated = updated.Value, Problem = $"Of the members not yet updated: {siblings.Problem}" };
        var value = updated.Value!.Value;
        var both = new Measurement(null, updated.Source) { Updated = value, Siblings = other };
        if (how == "difference")
            return both with { Value = value - other };
        if (other == 0)
            return value == 0 ? both with { Value = 1 } : both with { Problem = "The members not yet updated measure 0, so there is no ratio; compare the difference." };
        return double.IsFinite(value / other) ? both with { Value = value / other } : both with { Problem = "The ratio is no number." };
    }

    private async Task<Measurement> AskAsync(string? query, JsonMetric? json, CancellationToken ct)
    {
        var (server, refused) = Where(query, json);
        if (server is null)
            return new Measurement(null, "") { Problem = refused };
        var source = server.Address.IsDefaultPort ? server.Address.Host : $"{server.Address.Host}:{server.Address.Port}";
        if (server.Address.OriginalString.Length > LongestAddress)
            return new Measurement(null, source) { Problem = $"The address would have {server.Address.OriginalString.Length} characters." };
        using var request = query is null
            ? new HttpRequestMessage(HttpMethod.Get, server.Address)
            : new HttpRequestMessage(HttpMethod.Post, server.Address) { Content = new FormUrlEncodedContent([new("query", query)]) };
        request.Headers.UserAgent.ParseAdd("rollcall");
        request.Headers.Accept.ParseAdd("application/json");
        if (server.Token.Length > 0)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", server.Token);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            return new Measurement(null, source) { Problem = $"{source} answered {(int)response.StatusCode} {response.ReasonPhrase}." };
        var (body, more) = await SignedHttp.TextAsync(response, MostBytes, ct).ConfigureAwait(false);
        if (more)
            return new Measurement(null, source) { Problem = $"{source} answered more than {MostBytes / 1024} KiB." };
        var (value, problem) = MetricAnswer.Read(body, query is null ? json!.Path : null);
        return new Measurement(value, source) { Problem = problem };
    }

    /// <summary>The address to ask; null with why nobody is asked.</summary>
    private (MetricServer? Server, string Refused) Where(string? query, JsonMetric? json)
    {
        if (query is not null)
            return options.Prometheus is { } prometheus
                ? (prometheus with { Address = new Uri($"{prometheus.Address.AbsoluteUri.TrimEnd('/')}/api/v1/query") }, "")
                : (null, NoPrometheus);
        if (json!.Source is { } name)
            return options.Sources.TryGetValue(name, out var server)
                ? Within(server, new Uri($"{server.Address.AbsoluteUri.TrimEnd('/')}{json.Url}"))
                : (null, NoSource(name));
        var url = new Uri(json.Url);
        return SignedHttp.Refusal(url, json.Url, webhooks) is { } forbidden ? (null, forbidden) : (new MetricServer(url), "");
    }

    private const string NoPrometheus = "No Prometheus is configured here; set Rollcall__Metrics__Prometheus__Address.";

    private static string NoSource(string name) => $"Rollcall's configuration has no metric source '{name}'; set Rollcall__Metrics__Sources__{name}__Address.";

    /// <summary>Dots in the path must not lead the token out of what the source is.</summary>
    private static (MetricServer?, string) Within(MetricServer server, Uri url) =>
        url.Authority == server.Address.Authority && url.AbsolutePath.StartsWith(server.Address.AbsolutePath.TrimEnd('/'), StringComparison.Ordinal)
            ? (server with { Address = url }, "")
            : (null, $"{url.AbsolutePath} is not below the source's address.");
}

/// <summary>The one number in an answer.</summary>
internal static class MetricAnswer
{
    private static readonly JsonLoadSettings Plain = new() { CommentHandling = CommentHandling.Ignore, LineInfoHandling = LineInfoHandling.Ignore };

    /// <param name="path">JSONPath; null for the answer of a Prometheus query.</param>
    public static (double? Value, string Problem) Read(string body, string? path)
    {
        try
        {
            using var reader = new JsonTextReader(new StringReader(body)) { MaxDepth = 64, DateParseHandling = DateParseHandling.None, FloatParseHandling = FloatParseHandling.Double };
            var root = JToken.ReadFrom(reader, Plain);
            return path is null ? Prometheus(root) : Number(root.SelectTokens(path, new JsonSelectSettings { RegexMatchTimeout = TimeSpan.FromSeconds(1) }).Take(2).ToList(), path);
        }
        catch (Exception e) when (e is JsonException or System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            return (null, "The answer is not JSON that can be read.");
        }
    }

    /// <summary>https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries: a scalar, or a vector of one series.</summary>
    private static (double?, string) Prometheus(JToken root)
    {
        if (root is not JObject answer || (string?)answer["status"] != "success")
            return (null, "Prometheus did not answer with success.");
        var result = answer["data"]?["result"] as JArray;
        switch ((string?)answer["data"]?["resultType"])
        {
            case "scalar" when result is { Count: 2 }:
                return Finite(result[1]);
            case "vector" when result is { Count: 1 } && result[0]["value"] is JArray { Count: 2 } pair:
                return Finite(pair[1]);
            case "vector" when result is { Count: 0 }:
                return (null, "The query gives no data.");
            case "vector" when result is not null:
                return (null, $"The query gives {result.Count} series; it must give one (sum, max …).");
            default:
                return (null, "The query gives neither a scalar nor a vector of one series.");
        }
    }

    private static (double?, string) Number(List<JToken> found, string path) => found switch
    {
        [] => (null, $"The answer has nothing at {path}."),
        [JValue one] => Finite(one),
        [_] => (null, $"What the answer has at {path} is no number."),
        _ => (null, $"The answer has more than one value at {path}."),
    };

    private static (double?, string) Finite(JToken token) => token switch
    {
        JValue { Type: JTokenType.Integer or JTokenType.Float } number when (double)number is var value && double.IsFinite(value) => (value, ""),
        JValue { Type: JTokenType.String } text when double.TryParse((string?)text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) => (value, ""),
        _ => (null, "The value is no number (NaN or text)."),
    };
}
