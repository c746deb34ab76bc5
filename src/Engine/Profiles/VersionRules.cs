namespace Rollcall.Engine.Profiles;

/// <summary>What a profile's version rules say about two versions. Planner, Decide and rollback ask the same questions here.</summary>
public static class VersionRules
{
    /// <summary>
    /// Rule FormatCompatible: does <paramref name="older"/> read what <paramref name="newer"/> wrote? Versions that cannot be compared count as readable only where the profile says "any".
    /// </summary>
    public static bool Readable(this VersionSpec versions, string newer, string older)
    {
        ArgumentNullException.ThrowIfNull(versions);
        if (newer == older || versions.ReadableDown == "any")
            return true;
        if (EngineVersion.Parse(newer) is not { } written || EngineVersion.Parse(older) is not { } reads)
            return false;
        if (reads >= written)
            return true;
        return versions.ReadableDown switch
        {
            "major" => reads.Major == written.Major,
            "minor" => reads.Major == written.Major && reads.Minor == written.Minor,
            _ => false,
        };
    }

    /// <summary>
    /// Rule SkewDirection: may a member on <paramref name="follower"/> follow a leader on <paramref name="leader"/>? Newer or equal always; older where the profile does not mind, or where both share one format.
    /// </summary>
    public static bool MayFollow(this VersionSpec versions, string follower, string leader)
    {
        ArgumentNullException.ThrowIfNull(versions);
        if (follower == leader || !versions.FollowerNotOlder)
            return true;
        return EngineVersion.Compare(follower, leader) is >= 0 || versions.Readable(leader, follower);
    }

    /// <summary>May a shard that was switched over to <paramref name="newer"/> go back to <paramref name="older"/>?</summary>
    public static bool MayGoBack(this EngineProfile profile, string newer, string older)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return profile.Rollback.AfterSwitchover switch
        {
            "yes" => true,
            "ifReadable" => profile.Versions.Readable(newer, older),
            _ => false,
        };
    }

    /// <summary>True for an older version, false for a newer or equal one, null where they cannot be compared.</summary>
    public static bool? IsDowngrade(string from, string to) => EngineVersion.Compare(to, from) is { } order ? order < 0 : null;
}
