using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Engine.Storage;

namespace Rollcall.Unit.Storage;

/// <summary>A database file of its own in a folder of its own, gone afterwards; or one that another process gave, which stays.</summary>
public sealed class TempDatabase(string? path = null) : IDisposable
{
    private readonly string? _folder = path is null ? Directory.CreateTempSubdirectory("rollcall-test-").FullName : null;

    public string Path => path ?? System.IO.Path.Combine(_folder!, "rollcall.db");

    public Database Open() => Database.Open(Path, TimeProvider.System, NullLogger.Instance);

    public void Dispose()
    {
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }
}
