using System.Text.Json;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Keeping;

/// <summary>
/// A few kilobytes beside the database, readable by nobody else, written whole and renamed into place, so that a crash leaves the old or the new state.
/// </summary>
/// <param name="what">"list of sessions", as an error names it.</param>
/// <param name="afterwards">What follows when the file is moved away.</param>
public abstract class StateFile<TState>(string path, string what, string afterwards)
    where TState : class, IFormatted, new()
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public TState Load()
    {
        if (!File.Exists(path))
            return new TState();
        try
        {
            var state = JsonSerializer.Deserialize<TState>(File.ReadAllBytes(path), Json) ?? throw new JsonException("It is empty.");
            return Upgrade(state) ?? throw new UsageException($"{path} has format {state.Format} and this build knows {new TState().Format}; it was written by another version of Rollcall. Nothing was changed.");
        }
        catch (JsonException e)
        {
            throw new UsageException($"{path} is not readable as Rollcall's {what} ({e.Message}). Move it away to start with an empty one; {afterwards}.", e);
        }
    }

    public void Save(TState state)
    {
        PrivateFolder.Create(Path.GetDirectoryName(path)!);
        var next = path + ".next";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(next, options))
        {
            JsonSerializer.Serialize(stream, state, Json);
            stream.Flush(flushToDisk: true);
        }
        File.Move(next, path, overwrite: true);
    }

    /// <summary>The state in the present format; null when this build does not know the one it has.</summary>
    protected virtual TState? Upgrade(TState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Format == new TState().Format ? state : null;
    }
}

/// <summary>A state says in which format it was written; a new one is in the present format.</summary>
public interface IFormatted
{
    int Format { get; }
}
