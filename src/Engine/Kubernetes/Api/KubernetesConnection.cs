using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using k8s;

namespace Rollcall.Engine.Kubernetes.Api;

/// <summary>
/// One API server: KubernetesClient's TLS, credentials and sockets, and plain requests over them. One per server for the life of the process; it is never disposed by who uses it.
/// </summary>
public sealed class KubernetesConnection : IDisposable
{
    public const string UserAgent = "rollcall";
    public const string Json = "application/json";
    public const string JsonPatch = "application/json-patch+json";
    public const string MergePatch = "application/merge-patch+json";

    /// <summary>How long a single request may take unless its caller knows better.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);

    private readonly TimeProvider _time;
    private readonly string _base;

    public KubernetesConnection(KubernetesClientConfiguration configuration, TimeProvider time, string? @namespace = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.UserAgent = UserAgent;
        Client = new k8s.Kubernetes(configuration);
        _base = Client.BaseUri.AbsoluteUri.TrimEnd('/');
        _time = time;
        Namespace = string.IsNullOrEmpty(@namespace) ? null : @namespace;
        Context = configuration.CurrentContext ?? "";
    }

    /// <summary>The client below, for what is not a plain request: exec over WebSocket.</summary>
    public k8s.Kubernetes Client { get; }

    /// <summary>Null: all namespaces.</summary>
    public string? Namespace { get; }

    public string Context { get; }

    public Uri Server => Client.BaseUri;

    /// <param name="path">Null: what kubectl would take (KUBECONFIG, then ~/.kube/config).</param>
    public static KubernetesConnection FromKubeconfig(string? path, string? context, TimeProvider time, string? @namespace = null)
    {
        var configuration = path is null
            ? KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfigPath: null, context)
            : KubernetesClientConfiguration.BuildConfigFromConfigFile(new FileInfo(path), context);
        return new KubernetesConnection(configuration, time, @namespace);
    }

    public static KubernetesConnection FromKubeconfigText(string kubeconfig, TimeProvider time, string? context = null, string? @namespace = null)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(kubeconfig));
        return new KubernetesConnection(KubernetesClientConfiguration.BuildConfigFromConfigFile(stream, context), time, @namespace);
    }

    public static KubernetesConnection InCluster(TimeProvider time, string? @namespace = null) =>
        new(KubernetesClientConfiguration.InClusterConfig(), time, @namespace);

    public Task<ApiAnswer> GetAsync(string path, CancellationToken ct) => CallAsync(HttpMethod.Get, path, null, Json, DefaultTimeout, ct);

    public Task<ApiAnswer> PostAsync(string path, object body, CancellationToken ct) => CallAsync(HttpMethod.Post, path, body, Json, DefaultTimeout, ct);

    public Task<ApiAnswer> PutAsync(string path, object body, CancellationToken ct) => CallAsync(HttpMethod.Put, path, body, Json, DefaultTimeout, ct);

    public Task<ApiAnswer> PatchAsync(string path, object body, string patchType, CancellationToken ct) => CallAsync(HttpMethod.Patch, path, body, patchType, DefaultTimeout, ct);

    public Task<ApiAnswer> DeleteAsync(string path, object? options, CancellationToken ct) => CallAsync(HttpMethod.Delete, path, options, Json, DefaultTimeout, ct);

    /// <summary>One request, one answer. A refusal is an answer; so is "nobody knows" when the connection broke or the time was up. Only cancellation throws.</summary>
    public async Task<ApiAnswer> CallAsync(HttpMethod method, string path, object? body, string contentType, TimeSpan timeout, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            using var request = new HttpRequestMessage(method, _base + path);
            if (body is not null)
                request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body, body.GetType()), Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
            using var response = await SendAsync(request, either.Token).ConfigureAwait(false);
            return await ApiAnswer.ReadAsync(response, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return ApiAnswer.Lost($"no answer within {timeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            return ApiAnswer.Lost(Innermost(e).Message);
        }
    }

    /// <summary>A response whose body is still to be read: lists and watches.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _base + path);
        return await SendAsync(request, ct).ConfigureAwait(false);
    }

    public void Dispose() => Client.Dispose();

    internal static Exception Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
            e = inner;
        return e;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        request.Headers.UserAgent.ParseAdd(UserAgent);
        request.Headers.Accept.ParseAdd(Json);
        if (Client.Credentials is { } credentials)
            await credentials.ProcessHttpRequestAsync(request, ct).ConfigureAwait(false);
        try
        {
            return await Client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            // A connection that is closed right after it was made reaches us bare, not as the HttpRequestException that everybody expects.
            throw new HttpRequestException(e.Message, e);
        }
    }
}
