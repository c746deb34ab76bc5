using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Kubernetes.Looking;
using Rollcall.Shared;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Controls;

public sealed partial class InstanceObject
{
    [Parameter] public Instance? Member { get; set; }
    /// <summary>The whole as YAML, else conditions and containers.</summary>
    [Parameter] public bool Yaml { get; set; }

    protected override object State => (Member?.Uid, Member?.Ready, Member?.Phase);

    protected override Task<Result<PodObject>> ReadAsync(InstanceRef member, CancellationToken ct) => Look.ObjectAsync(Cluster, member, ct);

    private static string Note(PodObject read) => read.Masked > 0 ? $", {Words.Count(read.Masked, "value")} hidden" : "";
}
