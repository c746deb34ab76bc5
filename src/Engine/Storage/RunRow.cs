using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Rollcall.Shared;

namespace Rollcall.Engine.Storage;

/// <summary>One execution of a plan. What it did is in its events; this row only finds it, and keeps two runs from one cluster.</summary>
public sealed class RunRow
{
    public required string Id { get; init; }
    public required string PlanId { get; init; }
    /// <summary><c>namespace/name</c>.</summary>
    public required string Cluster { get; init; }
    /// <summary>Where the cluster lives (<c>demo</c>, or the API server): a run is only ever driven against the place it was started on.</summary>
    public required string Origin { get; init; }
    public string? RollbackOf { get; init; }
    public required string StartedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>Null while it is active.</summary>
    public DateTimeOffset? EndedAt { get; set; }
    public RunState? Final { get; set; }
    /// <summary>The run's view without its steps, as it ended; lists need not fold old journals.</summary>
    public string? Summary { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<RunRow>
    {
        public void Configure(EntityTypeBuilder<RunRow> builder)
        {
            builder.ToTable("Runs");
            builder.HasKey(r => r.Id);
            builder.Property(r => r.Final).HasConversion<string>();
            builder.HasOne<PlanRow>().WithMany().HasForeignKey(r => r.PlanId).OnDelete(DeleteBehavior.Restrict);
            // The last line of defence against two runs on one cluster, whatever else goes wrong above it.
            builder.HasIndex(r => new { r.Origin, r.Cluster }).IsUnique().HasFilter("\"EndedAt\" IS NULL").HasDatabaseName("IX_Runs_OneActivePerCluster");
            builder.HasIndex(r => r.CreatedAt);
            builder.HasIndex(r => r.RollbackOf);
        }
    }
}
