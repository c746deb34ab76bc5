using Rollcall.Shared;

namespace Rollcall.Web.Model;

/// <summary>A hook in words: when, where, and what a failure means. What it runs is shown verbatim beside it.</summary>
public static class HookWords
{
    public static string Point(string on) => on switch
    {
        HookPoints.BeforeStage => "before the stage",
        HookPoints.AfterStage => "after the stage",
        HookPoints.BeforeShard => "before each shard",
        HookPoints.AfterShard => "after each shard",
        HookPoints.BeforeInstance => "before each member",
        HookPoints.AfterInstance => "after each member",
        HookPoints.BeforeSwitchover => "before each switchover",
        HookPoints.AfterSwitchover => "after each switchover",
        HookPoints.BeforeRollback => "before a rollback",
        HookPoints.AfterRollback => "after a rollback",
        _ => on,
    };

    /// <summary>"before each member that is primary, in container redis, 60 s at most, tried again 2 times; if it fails the run pauses".</summary>
    public static string Describe(HookSpec hook)
    {
        var parts = new List<string> { $"{Point(hook.On)}{(hook.AtInstance && !hook.Roles.IsEmpty ? $" that is {string.Join(" or ", hook.Roles)}" : "")}" };
        switch (hook.Action)
        {
            case { Exec: { } exec }:
                parts.Add($"in {(exec.Container is { } c ? $"container {c}" : "its database container")}{(hook.AtInstance ? "" : $" of {(hook.Roles.IsEmpty ? "the leader" : $"a {string.Join(" or ", hook.Roles)}")}")}");
                break;
            case { Job: { } job }:
                parts.Add($"as a Job{(job.ServiceAccount is { } account ? $" with ServiceAccount {account}" : "")}");
                break;
            case { Webhook: { } webhook }:
                parts.Add(webhook.Secret is { } secret ? $"signed with {secret}" : "not signed");
                break;
        }
        parts.Add($"{Durations.Format(hook.Action.Timeout.TotalSeconds)} at most");
        if (hook.Action.Retries > 0)
            parts.Add($"tried again {Words.Count(hook.Action.Retries, "time")}");
        return $"{string.Join(", ", parts)}; if it fails the run {hook.OnFailure switch { "continue" => "goes on", "rollback" => "rolls back", _ => "pauses" }}";
    }
}
