using k8s.Models;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>
/// Members mapped before, good as long as the very objects they were mapped from are. In a cluster of ten thousand one changed Pod then costs one mapping. For one writer.
/// </summary>
public sealed class MemberMemo
{
    private readonly Dictionary<string, (V1Pod Pod, object? Set, object Specification, EngineProfile Profile, Instance Made)> _made = new(StringComparer.Ordinal);

    public Instance? Get(V1Pod pod, object? set, object specification, EngineProfile profile, string? zone)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return _made.TryGetValue(pod.Metadata.Name, out var had) && ReferenceEquals(had.Pod, pod) && ReferenceEquals(had.Set, set) && ReferenceEquals(had.Specification, specification)
            && ReferenceEquals(had.Profile, profile) && had.Made.Zone == zone ? had.Made : null;
    }

    public void Set(Instance made, V1Pod pod, object? set, object specification, EngineProfile profile)
    {
        ArgumentNullException.ThrowIfNull(made);
        _made[made.Name] = (pod, set, specification, profile, made);
    }

    public void Forget(Func<string, bool> gone)
    {
        foreach (var name in _made.Keys.Where(gone).ToList())
            _made.Remove(name);
    }
}
