using System.Collections.Immutable;

namespace Rollcall.Engine.Notifying;

/// <summary>What somebody outside can be told of. The words stand in the notification's <c>kind</c>: new ones may be added, none changes its meaning.</summary>
public static class NoticeKinds
{
    /// <summary>A gate opened: the run waits for people.</summary>
    public const string ApprovalNeeded = "approval-needed";
    /// <summary>The gate's deadline comes near and nobody has decided.</summary>
    public const string ApprovalDue = "approval-due";
    public const string GateBypassed = "gate-bypassed";
    /// <summary>The run paused: a rule halted it, or somebody did; <c>actor</c> says who.</summary>
    public const string Halted = "halted";
    /// <summary>A cluster has been held for longer than an hour. Once for each hold.</summary>
    public const string HeldLong = "held-long";
    public const string RollbackStarted = "rollback-started";
    /// <summary>The run ended; <c>outcome</c> says how.</summary>
    public const string Finished = "finished";
    /// <summary>Somebody pressed the button. Sent whatever kinds are chosen.</summary>
    public const string Test = "test";

    /// <summary>Those that can be chosen.</summary>
    public static ImmutableArray<string> All { get; } = [ApprovalNeeded, ApprovalDue, GateBypassed, Halted, HeldLong, RollbackStarted, Finished];
}
