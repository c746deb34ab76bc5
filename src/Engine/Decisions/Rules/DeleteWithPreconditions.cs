using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 41. A Pod is taken away by uid and resourceVersion, never by name alone; whoever stands in its place meanwhile is looked at anew. Nothing is deleted with a grace period of 0.</summary>
public static class DeleteWithPreconditions
{
    public const string Name = "DeleteWithPreconditions";

    /// <summary>What the Pod read a moment ago means for an act that names a uid.</summary>
    /// <returns>Null: it is that very Pod and may go. Else why there is nothing (more) to do.</returns>
    public static string? Check(ReplaceAct act, string uid, bool deleting)
    {
        ArgumentNullException.ThrowIfNull(act);
        return uid != act.Uid ? $"{act.Instance} was replaced meanwhile; the new Pod is not touched."
            : deleting ? $"{act.Instance} is shutting down already."
            : null;
    }

    public static Evidence Seen(ShardContext s, Instance m)
    {
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(m);
        return new Evidence($"uid of {m.Name}", m.ResourceVersion.Length > 0 ? $"{m.Uid} at resourceVersion {m.ResourceVersion}" : m.Uid, "API server", s.State.Topology!.ObservedAt) { Rule = Name };
    }
}
