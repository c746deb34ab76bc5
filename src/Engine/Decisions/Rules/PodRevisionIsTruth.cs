namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 17. Whether a member is updated is read off its Pod (revision, images), never off currentRevision == updateRevision. See <see cref="ShardContext.OnTarget"/>.</summary>
public static class PodRevisionIsTruth
{
    public const string Name = "PodRevisionIsTruth";
}
