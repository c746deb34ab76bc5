using System.Text;
using k8s;
using Rollcall.Simulator.Api;

namespace Rollcall.E2E.ApiSemantics;

internal static class SimulatedApi
{
    /// <summary>A client by way of the server's kubeconfig, as everything else reaches it.</summary>
    public static Kubernetes Connect(SimulatedApiServer server)
    {
        using var yaml = new MemoryStream(Encoding.UTF8.GetBytes(server.KubeconfigYaml));
        return new(KubernetesClientConfiguration.BuildConfigFromConfigFile(yaml));
    }

    /// <summary>The same access without the client library, for what it hides.</summary>
    public static HttpClient ConnectPlain(SimulatedApiServer server)
    {
        using var yaml = new MemoryStream(Encoding.UTF8.GetBytes(server.KubeconfigYaml));
        var http = new HttpClient { BaseAddress = server.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", KubernetesClientConfiguration.BuildConfigFromConfigFile(yaml).AccessToken);
        return http;
    }
}
