namespace Rollcall.Simulator.Operators.Machinery;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Debug, "The watch of {Kind} ended and is taken up again after a list: {Error}")]
    public static partial void WatchBroke(ILogger logger, string kind, string error);

    [LoggerMessage(5002, LogLevel.Debug, "{Controller} {Key} was ahead of its cache and tries again: {Error}")]
    public static partial void ReconcileBehind(ILogger logger, string controller, string key, string error);

    [LoggerMessage(5003, LogLevel.Warning, "{Controller} {Key} failed and tries again: {Error}")]
    public static partial void ReconcileFailed(ILogger logger, string controller, string key, string error, Exception exception);

    [LoggerMessage(5004, LogLevel.Information, "Scenario {Scenario}: {Objects} objects created in namespace {Namespace}")]
    public static partial void ScenarioSeeded(ILogger logger, string scenario, int objects, string @namespace);

    [LoggerMessage(5005, LogLevel.Information, "Fault: {Fault}")]
    public static partial void FaultInjected(ILogger logger, string fault);

    [LoggerMessage(5007, LogLevel.Debug, "The Event {Name} was not taken and is gone")]
    public static partial void EventLost(ILogger logger, string name, Exception exception);

    [LoggerMessage(5006, LogLevel.Error, "A part of the simulator ended: {Part}")]
    public static partial void PartEnded(ILogger logger, string part, Exception exception);
}
