using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Rollcall.Engine.Storage;

public enum NoticeState
{
    /// <summary>To be sent, or to be sent again.</summary>
    Waiting,
    Delivered,
    /// <summary>Given up; it is sent again only if a person asks.</summary>
    Dead,
}

/// <summary>A notification that is owed to the receiver: written in the transaction of what it tells of, so that no crash can come between.</summary>
public sealed class NoticeRow
{
    public long Id { get; init; }
    /// <summary>The idempotency key; the same thing told twice is a violation of the unique index.</summary>
    public required string Key { get; init; }
    public required string Kind { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Cluster { get; init; }
    public string? Run { get; init; }
    public required string Text { get; init; }
    /// <summary>Byte for byte what is sent.</summary>
    public required string Body { get; init; }
    public required NoticeState State { get; set; }
    /// <summary>Since it was written, or since a person asked to send it again.</summary>
    public int Tries { get; set; }
    public required DateTimeOffset NextAt { get; set; }
    public DateTimeOffset? TriedAt { get; set; }
    /// <summary>What the receiver answered last, in words; empty before the first try.</summary>
    public string Outcome { get; set; } = "";

    internal sealed class Configuration : IEntityTypeConfiguration<NoticeRow>
    {
        public void Configure(EntityTypeBuilder<NoticeRow> builder)
        {
            builder.ToTable("Notices");
            builder.HasKey(n => n.Id);
            builder.HasIndex(n => n.Key).IsUnique();
            builder.Property(n => n.State).HasConversion<string>();
            builder.HasIndex(n => new { n.State, n.NextAt });
        }
    }
}
