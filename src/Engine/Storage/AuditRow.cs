using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Rollcall.Engine.Storage;

/// <summary>One line of the audit log. The database itself refuses to change or delete one, and each carries the hash of the one before it.</summary>
public sealed class AuditRow
{
    /// <summary>1, 2, 3 … without gaps.</summary>
    public required long Seq { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Action { get; init; }
    public required bool Refused { get; init; }
    public required string Actor { get; init; }
    public required string Via { get; init; }
    public required string Address { get; init; }
    public required string Object { get; init; }
    public required string Cluster { get; init; }
    public required string PlanHash { get; init; }
    public required string Reason { get; init; }
    /// <summary>The hash of the line before; empty for the first.</summary>
    public required string Previous { get; init; }
    public required string Hash { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<AuditRow>
    {
        public void Configure(EntityTypeBuilder<AuditRow> builder)
        {
            builder.ToTable("Audit");
            builder.HasKey(a => a.Seq);
            builder.Property(a => a.Seq).ValueGeneratedNever();
            builder.HasIndex(a => a.Actor);
            builder.HasIndex(a => a.Cluster);
        }
    }
}
