using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Rollcall.Engine.Storage;

/// <summary>
/// The tables. Each entity and its configuration are one file beside this one. Read through <see cref="Database.Read"/>, write through <see cref="Database.WriteAsync{T}"/> and nowhere else:
/// SQLite has one writer, and so have we.
/// </summary>
public sealed class RollcallDb(DbContextOptions<RollcallDb> options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.ApplyConfigurationsFromAssembly(typeof(RollcallDb).Assembly);

    /// <summary>SQLite cannot order or compare DateTimeOffset; UTC ticks can be.</summary>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();

    private sealed class UtcTicksConverter() : ValueConverter<DateTimeOffset, long>(at => at.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}

/// <summary>Used by <c>dotnet ef migrations add</c> only.</summary>
public sealed class RollcallDbDesign : IDesignTimeDbContextFactory<RollcallDb>
{
    public RollcallDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<RollcallDb>().UseSqlite("Data Source=design-time.db").Options);
}
