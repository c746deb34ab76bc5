using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Kubernetes.Looking;
using Rollcall.Shared;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Controls;

public sealed partial class InstanceObject : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private PodObject? _object;
    private Refusal? _refusal;
    private (InstanceRef Ref, string? Uid, bool? Ready, string? Phase)? _shown;
    private bool _busy;

    [Inject] public required PodLook Look { get; init; }

    [Parameter, EditorRequired] public ClusterKey Cluster { get; set; }
    [Parameter, EditorRequired] public required InstanceRef Ref { get; set; }
    [Parameter] public Instance? Member { get; set; }
    /// <summary>The whole as YAML, else conditions and containers.</summary>
    [Parameter] public bool Yaml { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        var now = (Ref, Member?.Uid, Member?.Ready, Member?.Phase);
        if (_shown == now)
            return;
        if (_shown?.Ref != Ref)
            (_object, _refusal) = (null, null);
        _shown = now;
        await ReadAsync();
    }

    private static string Note(PodObject read) => read.Masked > 0 ? $", {Words.Count(read.Masked, "value")} hidden" : "";

    private async Task ReadAsync()
    {
        var asked = Ref;
        _busy = true;
        try
        {
            var read = await Look.ObjectAsync(Cluster, asked, _gone.Token);
            if (asked == Ref)
                (_object, _refusal) = (read.Value, read.Refusal);
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
