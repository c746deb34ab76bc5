using Rollcall.Web.Configuration;

namespace Rollcall.Web.Keeping;

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
