namespace Rollcall.Web.Hosting;

/// <summary>
/// The host logs why it could not start, with a stack trace, and throws the same. While starting, only the exception speaks: it becomes one line. Afterwards the host may log again,
/// because a background service that dies is said nowhere else.
/// </summary>
public sealed class StartupSilence
{
    public const string Category = "Microsoft.Extensions.Hosting.Internal.Host";
    private volatile bool _started;

    public void End() => _started = true;

    public bool Allows(LogLevel level) => _started && level >= LogLevel.Information;
}
