using Rollcall.Shared;

namespace Rollcall.Web.Model;

/// <summary>Takes one command at a time: a second click while the first is under way does nothing, and a refusal stays on screen until the next command.</summary>
public sealed class CommandDesk
{
    public bool Busy { get; private set; }
    public Refusal? Refusal { get; private set; }

    /// <summary>Runs the command; null when another is under way.</summary>
    public async Task<Result<T>?> TryAsync<T>(Func<Task<Result<T>>> command)
    {
        if (Busy)
            return null;
        Busy = true;
        Refusal = null;
        try
        {
            var result = await command();
            Refusal = result.Refusal;
            return result;
        }
        finally
        {
            Busy = false;
        }
    }

    public void Forget() => Refusal = null;
}
