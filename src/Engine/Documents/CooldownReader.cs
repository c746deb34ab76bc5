using Rollcall.Shared;

namespace Rollcall.Engine.Documents;

/// <summary>Cooldowns read the same in a plan (<c>safety.cooldown</c>) and in a profile.</summary>
internal static class CooldownReader
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static readonly DocShape Shape = new("'cooldown'", "cooldown", ["member", "shard", "zone"]);

    public static CooldownSpec Read(DocFields parent) => parent.Object("cooldown", Shape) is not { } cooldown ? new CooldownSpec() : new CooldownSpec
    {
        Member = cooldown.Duration("member", TimeSpan.Zero, Longest),
        Shard = cooldown.Duration("shard", TimeSpan.Zero, Longest),
        Zone = cooldown.Duration("zone", TimeSpan.Zero, Longest),
    };
}
