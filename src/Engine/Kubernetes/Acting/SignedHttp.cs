using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>
/// One HTTP request that leaves the house: only to where it may go, signed, with its idempotency key, and with an end. Hooks and notifications both go out through here.
/// </summary>
internal sealed class SignedHttp(HttpClient http, WebhookOptions options, TimeProvider time)
{
    public const string SignatureHeader = "Rollcall-Signature";
    public const string KeyHeader = "Idempotency-Key";
    /// <summary>As much of an answer as is kept or shown.</summary>
    public const int MostText = 64 * 1024;

    /// <summary>How long one try may take.</summary>
    public static readonly TimeSpan PerTry = TimeSpan.FromSeconds(30);

    /// <summary>No redirect is followed (it could lead where nobody has agreed to), no proxy credentials, no cookies; times are the caller's.</summary>
    public static HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Why nothing may be sent there, or null. What is sent names clusters and members.</summary>
    /// <param name="shown">The address as it may be shown.</param>
    public string? Refusal(Uri url, string shown) => Refusal(url, shown, options);

    public static string? Refusal(Uri url, string shown, WebhookOptions options) => url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && (url.IsLoopback || options.AllowHttp))
        ? $"{shown} is plain http to another machine. Use https, or set Rollcall__Webhooks__AllowHttp."
        : null;

    /// <summary>The secret of this name; empty for no name. False when there is none.</summary>
    public bool TrySecret(string? name, out string secret, out string problem)
    {
        (secret, problem) = ("", "");
        if (string.IsNullOrEmpty(name))
            return true;
        if (options.Secrets.TryGetValue(name, out var known))
        {
            secret = known;
            return true;
        }
        problem = $"Rollcall's configuration has no webhook secret '{name}'; set Rollcall__Webhooks__Secrets__{name}.";
        return false;
    }

    /// <summary><c>t=…,v1=…</c>: seconds since 1970, and HMAC-SHA256 in hexadecimal over <c>time.body</c>. The time inside keeps an old request from being sent again by somebody else.</summary>
    public static string Sign(string secret, DateTimeOffset at, string body)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{body}")))}";
    }

    /// <param name="body">Null: none is sent, and an empty one is signed.</param>
    /// <exception cref="HttpRequestException">It could not be reached, or did not answer in time.</exception>
    public async Task<HttpResponseMessage> SendAsync(string method, Uri url, string? body, string key, string secret, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(PerTry, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(body.AsSpan().TrimStart().StartsWith("{") ? "application/json" : "text/plain"));
        request.Headers.UserAgent.ParseAdd("rollcall");
        request.Headers.Add(KeyHeader, key);
        if (secret.Length > 0)
            request.Headers.Add(SignatureHeader, Sign(secret, time.GetUtcNow(), body ?? ""));
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new HttpRequestException($"no answer within {PerTry.TotalSeconds:0} s", e);
        }
    }

    /// <summary>The first bytes of what it said, and whether there is more.</summary>
    public static async Task<(string Text, bool More)> TextAsync(HttpResponseMessage response, int most, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(response);
        await using var body = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        var bytes = new byte[most + 1];
        var got = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
        return (Encoding.UTF8.GetString(bytes, 0, Math.Min(got, most)), got > most);
    }
}
