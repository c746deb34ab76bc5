using System.Text.Json;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Auth;

/// <summary>
/// Links and sessions on disk, beside the database: a few kilobytes, written whole and renamed into place, so that a crash leaves the old or the new state.
/// Not in the database: a login must not queue behind the journal, and a lost database must not lock everybody out.
/// </summary>
public sealed class AccessFile(string path)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public string Path { get; } = path;

    public AccessState Load()
    {
        if (!File.Exists(Path))
            return new AccessState();
        try
        {
            var state = JsonSerializer.Deserialize<AccessState>(File.ReadAllBytes(Path), Json)
                ?? throw new JsonException("It is empty.");
            return state.Format is >= 1 and <= AccessState.CurrentFormat
                ? state with { Format = AccessState.CurrentFormat }
                : throw new UsageException($"{Path} has format {state.Format} and this build knows {AccessState.CurrentFormat}; it was written by another version of Rollcall. Nothing was changed.");
        }
        catch (JsonException e)
        {
            throw new UsageException($"{Path} is not readable as Rollcall's list of sessions ({e.Message}). Move it away to start with an empty one; everybody then logs in again.", e);
        }
    }

    public void Save(AccessState state)
    {
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        PrivateFolder.Create(folder);
        var next = Path + ".next";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(next, options))
        {
            JsonSerializer.Serialize(stream, state, Json);
            stream.Flush(flushToDisk: true);
        }
        File.Move(next, Path, overwrite: true);
    }
}

/// <summary>A folder that only the user who runs Rollcall can look into: keys, sessions and the journal are there.</summary>
public static class PrivateFolder
{
    public static void Create(string path)
    {
        if (Directory.Exists(path))
            return;
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The data folder \"{path}\" cannot be created: {e.Message}", e);
        }
    }
}
