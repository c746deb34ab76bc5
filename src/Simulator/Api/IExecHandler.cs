namespace Rollcall.Simulator.Api;

/// <summary>What answers <c>kubectl exec</c> in simulated containers: the simulated databases.</summary>
public interface IExecHandler
{
    /// <summary>Runs one command to its end. It may take its time; <paramref name="ct"/> ends when the client hangs up.</summary>
    Task<ExecResult> ExecAsync(ExecRequest request, CancellationToken ct);
}

/// <summary>A command for one running container of an existing Pod; both were checked before.</summary>
public sealed record ExecRequest(string Namespace, string Pod, string Container, IReadOnlyList<string> Command);

/// <summary>How a command ended.</summary>
public sealed record ExecResult(int ExitCode, string Stdout, string Stderr);
