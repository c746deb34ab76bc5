using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Kubernetes.Looking;
using Rollcall.Shared;

namespace Rollcall.Web.Components.Controls;

public sealed partial class InstanceEvents : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private PodEvents? _events;
    private Refusal? _refusal;
    private (InstanceRef Ref, string? Uid)? _shown;
    private bool _busy;

    [Inject] public required PodLook Look { get; init; }

    [Parameter, EditorRequired] public ClusterKey Cluster { get; set; }
    [Parameter, EditorRequired] public required InstanceRef Ref { get; set; }
    /// <summary>Of the present Pod: another one has other Events.</summary>
    [Parameter] public string? Uid { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        if (_shown == (Ref, Uid))
            return;
        if (_shown?.Ref != Ref)
            (_events, _refusal) = (null, null);
        _shown = (Ref, Uid);
        await ReadAsync();
    }

    private async Task ReadAsync()
    {
        var asked = Ref;
        _busy = true;
        try
        {
            var read = await Look.EventsAsync(Cluster, asked, _gone.Token);
            if (asked == Ref)
                (_events, _refusal) = read.Ok ? (read.Value, null) : (_events, read.Refusal);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The drawer was closed.
        }
        finally
        {
            _busy = false;
        }
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }
}
