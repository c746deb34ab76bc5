using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Rollcall.Engine.Storage;

/// <summary>A plan as it was made, with the profile's text: a run keeps both, whatever becomes of the files.</summary>
public sealed class PlanRow
{
    public required string Id { get; init; }
    public required string Hash { get; init; }
    public required string Cluster { get; init; }
    public required string Name { get; init; }
    /// <summary>The specification as its author wrote it.</summary>
    public required string SpecText { get; init; }
    public required string Json { get; init; }
    public string? RollbackOf { get; init; }
    public required string CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<PlanRow>
    {
        public void Configure(EntityTypeBuilder<PlanRow> builder)
        {
            builder.ToTable("Plans");
            builder.HasKey(p => p.Id);
        }
    }
}
