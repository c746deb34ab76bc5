using Rollcall.Engine.Storage;

namespace Rollcall.Engine.Execution;

/// <summary>Who this Rollcall is to others, and whose clusters it drives.</summary>
/// <param name="Owner">Written on everything it holds, and the holder of its Leases.</param>
public sealed record EngineIdentity(string Owner, string Origin)
{
    /// <summary>The owner's name is kept beside the database, not in it: when the database is lost, what is held is still recognised as ours.</summary>
    /// <param name="origin">Where the clusters are, when the options do not know it.</param>
    public static EngineIdentity Of(EngineOptions options, Database database, string? origin = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(database);
        origin ??= options.Origin;
        if (options.Owner.Length > 0)
            return new EngineIdentity(options.Owner, origin);
        var file = database.FilePath + ".owner";
        var name = File.Exists(file) ? File.ReadAllText(file).Trim() : "";
        if (name.Length == 0)
        {
            name = $"{Environment.MachineName.ToLowerInvariant()}-{Ids.New('o')[1..7]}";
            File.WriteAllText(file, name + "\n");
        }
        return new EngineIdentity(name, origin);
    }
}
