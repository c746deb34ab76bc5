using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 29. A Pod's terminationGracePeriod covers what its member does inside the stop (drain, hand-over, last write to disk) and 10 s more; after it the kubelet kills. A profile whose members do
/// nothing in particular while they stop asks for no more than that the grace period is not zero.
/// </summary>
public static class GraceCoversHandover
{
    public const string Name = "GraceCoversHandover";
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    public static Finding? Check(Workload workload, EngineProfile profile, string path)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(profile);
        if (workload.GraceSeconds is not { } grace)
            return null;
        if (grace == 0)
            return new Finding(Severity.Error, Name, $"{workload.Name} has a terminationGracePeriod of 0 s: its members would be killed without being asked to stop. Give it at least {ShardContext.Duration(profile.Stop + Margin)}.", path);
        if (profile.Stop <= TimeSpan.Zero || TimeSpan.FromSeconds(grace) >= profile.Stop + Margin)
            return null;
        return new Finding(Severity.Error, Name,
            $"{workload.Name} has a terminationGracePeriod of {grace} s, but a member needs up to {ShardContext.Duration(profile.Stop)} to stop and {Margin.TotalSeconds:0} s more: the kubelet would kill it in the middle. Set terminationGracePeriodSeconds to {(profile.Stop + Margin).TotalSeconds:0} or more.", path);
    }
}
