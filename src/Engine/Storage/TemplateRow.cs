using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Rollcall.Engine.Storage;

/// <summary>A plan's document that was kept under a name, to start others from.</summary>
public sealed class TemplateRow
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    /// <summary>The name as it is compared: one template for one name, whatever its capitals.</summary>
    public required string Key { get; init; }
    /// <summary>The profile of the cluster that it was written for.</summary>
    public required string Profile { get; init; }
    /// <summary>As its author wrote it, comments included.</summary>
    public required string SpecText { get; init; }
    public required string CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<TemplateRow>
    {
        public void Configure(EntityTypeBuilder<TemplateRow> builder)
        {
            builder.ToTable("Templates");
            builder.HasKey(t => t.Id);
            builder.HasIndex(t => t.Key).IsUnique();
        }
    }
}
