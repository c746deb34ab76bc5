namespace Rollcall.Engine.Storage;

/// <summary>
/// Rollcall will not start on this database file: it is corrupt, newer than this build, not Rollcall's, or in use. The message is one sentence for a person; the file was not written to.
/// </summary>
public sealed class DatabaseRefusedException : Exception
{
    public DatabaseRefusedException() { }
    public DatabaseRefusedException(string message) : base(message) { }
    public DatabaseRefusedException(string message, Exception inner) : base(message, inner) { }
}
