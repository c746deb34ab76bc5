using System.Globalization;
using Rollcall.Bench;

// dotnet run -c Release --project bench -- NAME ...; README.md says what each prints.
if (args is ["swarm", .. var swarm])
    return await Swarm.RunAsync(swarm);
var wanted = args.Length == 0 ? ["planner", "journal"] : args;
foreach (var name in wanted)
{
    var (what, numbers) = name.Split('=') is [var w, var n] ? (w, n.Split(',').Select(x => double.Parse(x, CultureInfo.InvariantCulture)).ToArray()) : (name, []);
    switch (what)
    {
        case "planner": PlannerBench.Run(); break;
        case "journal": await JournalBench.RunAsync(); break;
        case "viewers": await ViewersBench.RunAsync(numbers.Length > 0 ? (int)numbers[0] : 500, numbers.Length > 1 ? numbers[1] : 30); break;
        case "browser": await BrowserBench.RunAsync(numbers.Length > 0 ? numbers[0] : 3); break;
        case "executor": await ExecutorBench.RunAsync(numbers.Length > 0 ? numbers[0] : 1); break;
        case "reaction": await ReactionBench.RunAsync(); break;
        case "memory": await MemoryBench.RunAsync(); break;
        case "start": await StartBench.RunAsync(numbers.Length > 0 ? (int)numbers[0] : 5); break;
        default: await Console.Error.WriteLineAsync($"'{name}' is not a benchmark; there are: planner, journal, viewers[=COUNT,SECONDS], browser[=MINUTES], executor[=FASTER], reaction, memory, start[=TIMES]."); return 2;
    }
}
return 0;
