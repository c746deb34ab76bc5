using System.Net;
using k8s.Autorest;
using Rollcall.Simulator.Api;
using Rollcall.Simulator.Operators;
using Rollcall.Simulator.Operators.Machinery;
using Rollcall.Simulator.Scenarios;

namespace Rollcall.Simulator.Demo;

/// <summary>Lets a scenario's incidents happen at their times.</summary>
internal sealed class IncidentRunner : IDisposable
{
    private static readonly TimeSpan SlowListLatency = TimeSpan.FromSeconds(3);

    private readonly AlarmClock _alarms;
    private readonly SimulatedOperators _operators;
    private readonly FaultPlan _faults;
    private readonly double _speed;
    private readonly ILogger _log;

    public IncidentRunner(Scenario scenario, double speed, SimulatedOperators operators, FaultPlan faults, TimeProvider time, ILogger log)
    {
        (_speed, _operators, _faults, _log) = (speed, operators, faults, log);
        _alarms = new AlarmClock(time);
        foreach (var incident in scenario.Incidents)
            _alarms.After(incident.At / speed, () => Happen(incident));
    }

    public static IReadOnlyList<string> Kinds { get; } =
    [
        "failover", "splitBrain", "lag", "clearLag", "deletePod", "badImage", "failSwitchovers", "healSwitchovers",
        "dropWatches", "expireVersions", "slowLists", "conflicts", "throttle", "errors", "lostAnswers",
    ];

    public void Dispose() => _alarms.Dispose();

    private void Happen(Incident incident)
    {
        Log.FaultInjected(_log, $"{incident.Do} {incident.Cluster} {incident.Shard} {incident.Pod} {incident.Tag}".TrimEnd());
        switch (incident.Do)
        {
            case "failover" when !_operators.FailOver(incident.Cluster, incident.Shard):
                Log.FaultInjected(_log, $"failover of {incident.Cluster} {incident.Shard} found no member that could take over");
                break;
            case "splitBrain" when !_operators.SplitBrain(incident.Cluster, incident.Shard):
                Log.FaultInjected(_log, $"splitBrain of {incident.Cluster} {incident.Shard} found no second member that could believe to lead");
                break;
            case "lag":
                _operators.SetLag(incident.Pod, incident.Seconds);
                break;
            case "clearLag":
                _operators.SetLag(incident.Pod, 0);
                break;
            case "deletePod":
                _ = DeleteAsync(incident.Pod);
                break;
            case "badImage":
                _operators.SetImageBad(incident.Tag);
                break;
            case "failSwitchovers":
                _operators.SwitchoversFail = true;
                break;
            case "healSwitchovers":
                _operators.SwitchoversFail = false;
                break;
            case "dropWatches":
                _faults.DropWatches();
                break;
            case "expireVersions":
                _faults.ExpireResourceVersions();
                break;
            case "slowLists":
                _faults.Add(new FaultRule { Verbs = ["list"], Latency = SlowListLatency / _speed, Times = incident.Times });
                break;
            case "conflicts":
                _faults.Add(new FaultRule { Verbs = ["update", "patch"], Status = (int)HttpStatusCode.Conflict, Times = incident.Times });
                break;
            case "throttle":
                _faults.Add(new FaultRule { Status = (int)HttpStatusCode.TooManyRequests, RetryAfter = TimeSpan.FromSeconds(1), Times = incident.Times });
                break;
            case "errors":
                _faults.Add(new FaultRule { Status = (int)HttpStatusCode.InternalServerError, Times = incident.Times });
                break;
            case "lostAnswers":
                _faults.Add(new FaultRule { Verbs = ["create", "update", "patch", "delete"], LoseAnswer = true, Times = incident.Times });
                break;
        }
        if (incident.Every is { } period)
            _alarms.After(period / _speed, () => Happen(incident));
    }

    private async Task DeleteAsync(string pod)
    {
        try
        {
            await _operators.DeletePodAsync(pod, CancellationToken.None);
        }
        catch (Exception error) when (error is HttpOperationException or HttpRequestException)
        {
            Log.FaultInjected(_log, $"deletePod {pod} found nothing to delete: {error.Message}");
        }
    }
}
