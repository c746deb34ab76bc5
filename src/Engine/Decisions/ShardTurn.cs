using System.Runtime.InteropServices;

namespace Rollcall.Engine.Decisions;

/// <summary>Where a shard stands among the shards of its stage.</summary>
/// <param name="Others">Other shards in flight.</param>
/// <param name="Limit">How many may be, this one counted.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ShardTurn(int Others, int Limit);
