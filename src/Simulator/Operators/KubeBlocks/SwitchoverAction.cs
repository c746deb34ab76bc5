using k8s.Models;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>A definition's switchover action as kbagent runs it in the Pod: the engine's own command, asked of the right member.</summary>
internal static class SwitchoverAction
{
    public static async Task<CommandResult> RunAsync(DatabaseHost databases, V1Pod from, V1Pod? candidate, IReadOnlyList<V1Pod> members)
    {
        var to = candidate ?? members.FirstOrDefault(p => p.Name() != from.Name() && databases.RoleOf(ObjectKey.Of(p)) is "secondary");
        if (to is null)
            return CommandResult.Fail(1, "no candidate is available\n");
        return DatabaseMembership.Of(from)?.Engine switch
        {
            DatabaseEngine.RedisCluster => await RedisAsync(databases, to),
            DatabaseEngine.Patroni => await databases.ExecAsync(ObjectKey.Of(from), ["patronictl", "switchover", "--leader", from.Name(), "--candidate", to.Name(), "--force"]),
            _ => CommandResult.Fail(1, "switchover action is not defined\n"),
        };
    }

    private static async Task<CommandResult> RedisAsync(DatabaseHost databases, V1Pod to)
    {
        var answer = await databases.ExecAsync(ObjectKey.Of(to), ["redis-cli", "CLUSTER", "FAILOVER"]);
        return answer.ExitCode != 0 || answer.Stdout.StartsWith("OK", StringComparison.Ordinal) ? answer : CommandResult.Fail(1, answer.Stdout);
    }
}
