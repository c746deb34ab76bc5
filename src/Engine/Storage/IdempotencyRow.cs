using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Rollcall.Engine.Storage;

/// <summary>The answer that a request with this Idempotency-Key got; the same request gets it again.</summary>
public sealed class IdempotencyRow
{
    public required string Caller { get; init; }
    public required string Key { get; init; }
    /// <summary>SHA-256 of method, path and body: the same key for another request is a mistake, not a repetition.</summary>
    public required string Request { get; init; }
    public required int Status { get; init; }
    public required string ContentType { get; init; }
    public string? Location { get; init; }
    public required string Body { get; init; }
    public required DateTimeOffset At { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<IdempotencyRow>
    {
        public void Configure(EntityTypeBuilder<IdempotencyRow> builder)
        {
            builder.ToTable("IdempotencyKeys");
            builder.HasKey(k => new { k.Caller, k.Key });
            builder.HasIndex(k => k.At);
        }
    }
}
