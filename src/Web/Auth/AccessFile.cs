using Rollcall.Web.Keeping;

namespace Rollcall.Web.Auth;

/// <summary>Links and sessions on disk. Not in the database: a login must not queue behind the journal, and a lost database must not lock everybody out.</summary>
public sealed class AccessFile(string path) : StateFile<AccessState>(path, "list of sessions", "everybody then logs in again")
{
    protected override AccessState? Upgrade(AccessState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Format is >= 1 and <= AccessState.CurrentFormat ? state with { Format = AccessState.CurrentFormat } : null;
    }
}
