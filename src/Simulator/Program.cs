using Rollcall.Simulator;
using Rollcall.Simulator.Operators.Machinery;
using Rollcall.Simulator.Scenarios;

// dotnet run --project src/Simulator -- --scenario NAME|PATH --port P --speed X [--shards N] [--kubeconfig FILE]
var configuration = new ConfigurationBuilder().AddCommandLine(args).Build();
using var logs = LoggerFactory.Create(l => l.AddSimpleConsole(c => c.SingleLine = true).SetMinimumLevel(LogLevel.Information));
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
using var terminated = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
});
try
{
    var options = new DemoOptions
    {
        Scenario = configuration["scenario"] ?? "demo",
        Port = configuration.GetValue("port", 0),
        Speed = configuration.GetValue("speed", 1.0),
        ShardCount = configuration.GetValue<int?>("shards"),
    };
    await using var cluster = await DemoCluster.StartAsync(options, TimeProvider.System, logs, stop.Token);
    var path = cluster.Server.WriteKubeconfig(configuration["kubeconfig"] ?? Path.Combine(Path.GetTempPath(), $"rollcall-simulator-{cluster.Server.Url.Port}.kubeconfig"));
    Console.WriteLine(cluster.Scenario.Description);
    Console.WriteLine($"Kubeconfig: {path}");
    Console.WriteLine(cluster.KubeconfigYaml);
    Console.WriteLine("Ctrl-C ends it.");
    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    return 0;
}
catch (Exception error) when (error is ScenarioException or IOException or InvalidOperationException)
{
    await Console.Error.WriteLineAsync(error.Message);
    return 1;
}
