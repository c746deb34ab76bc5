using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;

namespace Rollcall.Engine.Storage;

/// <summary>Templates by name. What is kept and what is deleted stands in the audit log in the same transaction.</summary>
public sealed class TemplateStore(Database database, TimeProvider time)
{
    /// <summary>By name.</summary>
    public ImmutableArray<TemplateRow> All()
    {
        using var db = database.Read();
        return [.. db.Set<TemplateRow>().AsNoTracking().OrderBy(t => t.Key).ThenBy(t => t.Id)];
    }

    public TemplateRow? Find(string id)
    {
        using var db = database.Read();
        return db.Set<TemplateRow>().AsNoTracking().FirstOrDefault(t => t.Id == id);
    }

    /// <param name="replace">Take the place of the one with this name.</param>
    /// <returns>The one that has the name already; null when the row was kept.</returns>
    public Task<TemplateRow?> SaveAsync(TemplateRow row, bool replace, AuditEntry audit) => database.WriteAsync(db =>
    {
        if (!replace && db.Set<TemplateRow>().AsNoTracking().FirstOrDefault(t => t.Key == row.Key) is { } same)
            return same;
        db.Set<TemplateRow>().Where(t => t.Key == row.Key).ExecuteDelete();
        db.Add(row);
        AuditLog.Append(db, row.CreatedAt, [audit]);
        return null;
    });

    /// <returns>Whether there was one.</returns>
    public Task<bool> DeleteAsync(string id, AuditEntry audit) => database.WriteAsync(db =>
    {
        if (db.Set<TemplateRow>().Where(t => t.Id == id).ExecuteDelete() == 0)
            return false;
        AuditLog.Append(db, time.GetUtcNow(), [audit]);
        return true;
    });
}
