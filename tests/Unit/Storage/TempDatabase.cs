using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Engine.Storage;

namespace Rollcall.Unit.Storage;

/// <summary>A database file of its own in a folder of its own, gone afterwards.</summary>
public sealed class TempDatabase : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-test-").FullName;

    public string Path => System.IO.Path.Combine(_folder, "rollcall.db");

    public Database Open() => Database.Open(Path, TimeProvider.System, NullLogger.Instance);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
