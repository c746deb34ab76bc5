using System.Globalization;
using System.Net;
using System.Text;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Profiles;

namespace Rollcall.Engine.Kubernetes.Probing;

/// <summary>
/// Asks a member over HTTP, through the API server's proxy to its Pod: no network way from here to the Pod is needed, and it is this very Pod that answers, never a Service.
/// </summary>
internal static class PodHttp
{
    private const int MostText = 64 * 1024;

    /// <summary>The answer in the form of a command's: a 2xx is success, another status is its exit code.</summary>
    public static async Task<ExecOutcome> GetAsync(KubernetesConnection connection, TimeProvider time, string ns, string pod, HttpProbe probe, TimeSpan timeout, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        var path = string.Create(CultureInfo.InvariantCulture, $"{KubeKind.Pods.Root}/namespaces/{ns}/pods/{(probe.Https ? "https:" : "")}{pod}:{probe.Port}/proxy{probe.Path}");
        try
        {
            using var response = await connection.OpenAsync(path, either.Token).ConfigureAwait(false);
            await using var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            var bytes = new byte[MostText];
            var got = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, either.Token).ConfigureAwait(false);
            var text = Encoding.UTF8.GetString(bytes, 0, got);
            if (response.IsSuccessStatusCode)
                return new ExecOutcome(0, text, "", null, false);
            // The API server's own no, not the member's: it says so in a Status.
            var ours = response.StatusCode is HttpStatusCode.Forbidden && text.Contains("pods/proxy", StringComparison.Ordinal) || response.StatusCode is HttpStatusCode.NotFound && text.Contains("\"kind\":\"Status\"", StringComparison.Ordinal);
            return new ExecOutcome(null, "", "", ours ? $"HTTP {(int)response.StatusCode} by the API server: {Message(text)}" : $"HTTP {(int)response.StatusCode} on port {probe.Port}", ours);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new ExecOutcome(null, "", "", $"no answer within {timeout.TotalSeconds:0.#} s", false) { TimedOut = true };
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new ExecOutcome(null, "", "", KubernetesConnection.Innermost(e).Message, false);
        }
    }

    private static string Message(string status)
    {
        try
        {
            using var document = System.Text.Json.JsonDocument.Parse(status);
            return KubeObject.Text(document.RootElement, "message");
        }
        catch (System.Text.Json.JsonException)
        {
            return status.Trim();
        }
    }
}
