using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Rollcall.Engine.Storage;

/// <summary>One line of a run's journal. Written once, never changed.</summary>
public sealed class EventRow
{
    public required string Run { get; init; }
    /// <summary>1, 2, 3 … within the run, without gaps.</summary>
    public required long Seq { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Type { get; init; }
    public string? Step { get; init; }
    public required string Actor { get; init; }
    public required string Data { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<EventRow>
    {
        public void Configure(EntityTypeBuilder<EventRow> builder)
        {
            builder.ToTable("Events");
            builder.HasKey(e => new { e.Run, e.Seq });
            builder.HasOne<RunRow>().WithMany().HasForeignKey(e => e.Run).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
