using System.Text.Json;
using Rollcall.Web.Auth;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Screens;

/// <summary>The screens on disk, beside the database; written whole and renamed into place.</summary>
public sealed class ScreenFile(string path)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public ScreenState Load()
    {
        if (!File.Exists(path))
            return new ScreenState();
        try
        {
            var state = JsonSerializer.Deserialize<ScreenState>(File.ReadAllBytes(path), Json) ?? throw new JsonException("It is empty.");
            return state.Format == ScreenState.CurrentFormat
                ? state
                : throw new UsageException($"{path} has format {state.Format} and this build knows {ScreenState.CurrentFormat}; it was written by another version of Rollcall. Nothing was changed.");
        }
        catch (JsonException e)
        {
            throw new UsageException($"{path} is not readable as Rollcall's list of status screens ({e.Message}). Move it away to start with an empty one; the links to the old screens then end.", e);
        }
    }

    public void Save(ScreenState state)
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
}
