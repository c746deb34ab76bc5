using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Kubernetes.Looking;
using Rollcall.Shared;

namespace Rollcall.Web.Components.Controls;

public sealed partial class InstanceEvents
{
    /// <summary>Of the present Pod: another one has other Events.</summary>
    [Parameter] public string? Uid { get; set; }

    protected override object State => Uid ?? "";

    protected override Task<Result<PodEvents>> ReadAsync(InstanceRef member, CancellationToken ct) => Look.EventsAsync(Cluster, member, ct);
}
