using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Kubernetes.Looking;
using Rollcall.Shared;

namespace Rollcall.Web.Components.Controls;

/// <summary>Something of a Pod that is read from the API server when its tab is opened, when the Pod became another, and when asked; never all the time.</summary>
public abstract class PodReading<T> : ComponentBase, IDisposable
    where T : class
{
    private readonly CancellationTokenSource _gone = new();
    private InstanceRef? _of;
    private object? _shown;

    [Inject] public required PodLook Look { get; init; }

    [Parameter, EditorRequired] public ClusterKey Cluster { get; set; }
    [Parameter, EditorRequired] public required InstanceRef Ref { get; set; }

    /// <summary>What was read last of this member; kept beside a later refusal.</summary>
    protected T? Read { get; private set; }
    protected Refusal? Refusal { get; private set; }
    protected bool Busy { get; private set; }

    /// <summary>What makes another reading worth while.</summary>
    protected abstract object State { get; }

    protected abstract Task<Result<T>> ReadAsync(InstanceRef member, CancellationToken ct);

    protected override async Task OnParametersSetAsync()
    {
        if (_of == Ref && Equals(_shown, State))
            return;
        if (_of != Ref)
            (Read, Refusal) = (null, null);
        (_of, _shown) = (Ref, State);
        await AgainAsync();
    }

    protected async Task AgainAsync()
    {
        var asked = Ref;
        Busy = true;
        try
        {
            var read = await ReadAsync(asked, _gone.Token);
            if (asked == Ref)
                (Read, Refusal) = (read.Ok ? read.Value : Read, read.Refusal);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The drawer was closed.
        }
        finally
        {
            Busy = false;
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        _gone.Cancel();
        _gone.Dispose();
    }
}
