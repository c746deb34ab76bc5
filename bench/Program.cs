using Rollcall.Bench;

// dotnet run -c Release --project bench -- [planner|journal]
var wanted = args.Length == 0 ? ["planner", "journal"] : args;
foreach (var name in wanted)
{
    switch (name)
    {
        case "planner": PlannerBench.Run(); break;
        case "journal": await JournalBench.RunAsync(); break;
        default: await Console.Error.WriteLineAsync($"'{name}' is not a benchmark; there are: planner, journal."); return 2;
    }
}
return 0;
