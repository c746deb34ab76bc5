namespace Rollcall.Engine.Decisions;

/// <summary>Ids of steps: DNS-safe, stable over plan, journal, API and the names of created objects.</summary>
public static class StepIds
{
    public static string Hold(string component) => $"{component}.hold";
    public static string Release(string component) => $"{component}.release";
    public static string Backup(string component) => $"{component}.backup";
    public static string Gate(string component, string stage) => $"{component}.{stage}.gate";
    public static string Soak(string component, string stage) => $"{component}.{stage}.soak";
    public static string Retarget(string component, string workload) => $"{component}.{workload}.retarget";
    /// <summary>The old version put back into the template after the new one turned out bad.</summary>
    public static string WriteBack(string component, string workload) => $"{component}.{workload}.writeback";
    public static string Replace(string component, string shard, string instance) => $"{component}.{shard}.replace.{instance}";
    public static string Sync(string component, string shard, string instance) => $"{component}.{shard}.sync.{instance}";
    /// <summary>Leadership handed back to who had it before the change.</summary>
    public static string Restore(string component, string shard) => $"{component}.{shard}.restore";
    public static string Hook(string component, string stage, string hook, string? shard, string? instance) =>
        $"{component}.{stage}.hook.{hook}{(shard is null ? "" : $".{shard}")}{(instance is null ? "" : $".{instance}")}";
    public static string Analysis(string component, string stage, string analysis, string? shard, string? instance) =>
        $"{component}.{stage}.analysis.{analysis}{(shard is null ? "" : $".{shard}")}{(instance is null ? "" : $".{instance}")}";
    public static string Switchover(string component, string shard) => $"{component}.{shard}.switchover";
}
