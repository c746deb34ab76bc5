using Rollcall.Engine.Kubernetes.Observing;

namespace Rollcall.Web.Hosting;

/// <summary>Begins to watch the clusters when the host starts. Nothing waits for them: a page that says "still reading" comes sooner than one that is complete.</summary>
public sealed class ClusterObserver(ObserveService observe) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        observe.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
