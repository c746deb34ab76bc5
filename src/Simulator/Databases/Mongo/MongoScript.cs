using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Jint;
using Jint.Native;
using Jint.Runtime;

namespace Rollcall.Simulator.Databases.Mongo;

/// <summary>
/// Runs scripts as mongosh does, in a JavaScript engine of this process that reaches nothing but the simulated server, with bounds on
/// steps, time, memory and output. A command that waits (stepDown, stopBalancer, sleep) ends the run; when its answer is there the
/// scripts run again from the start and are given the answers they had before, so that no thread waits and nothing is sent twice.
/// </summary>
internal sealed class MongoScript(MongoDatabase database, string pod, IReadOnlyList<string> scripts, string? json)
{
    private const int MostStatements = 500_000;
    private const int MostOutput = 1_000_000;
    private const int MostWaits = 200;
    private const long MostMemory = 256L * 1024 * 1024;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(20);
    private static readonly Prepared<Acornima.Ast.Script> Prelude = Engine.PrepareScript(ReadPrelude(), "mongosh.js");

    private readonly List<string> _answers = [];

    public CommandResult Run(DateTimeOffset now)
    {
        var output = new StringBuilder();
        var asked = 0;
        using var engine = new Engine(options => options.MaxStatements(MostStatements).TimeoutInterval(MostTime).LimitMemory(MostMemory).LimitRecursion(200));

        string Ask(Func<MongoAnswer> ask)
        {
            if (asked == _answers.Count)
            {
                var answer = ask();
                if (answer.Later is { } later)
                    throw new Waits(later);
                _answers.Add(answer.Reply!.ToJsonString());
            }
            return _answers[asked++];
        }

        string Send(string db, string command) => Ask(() => MongoServer.Run(database, pod, db, JsonNode.Parse(command)!.AsObject(), now));

        void Print(string text)
        {
            if (output.Length + text.Length > MostOutput)
                throw new Quits(1, $"the script printed more than {MostOutput} characters");
            output.Append(text);
        }

        void Sleep(double milliseconds) => Ask(() => new MongoAnswer(null, SleepAsync(now + database.Timings.Seconds(milliseconds / 1000))));

        try
        {
            var shell = engine.Evaluate(Prelude).Call(JsValue.Undefined, [engine.Global,
                JsValue.FromObject(engine, new Func<string, string, string>(Send)), JsValue.FromObject(engine, new Action<string>(Print)),
                JsValue.FromObject(engine, new Action<double>(code => throw new Quits((int)code, null))), JsValue.FromObject(engine, new Action<double>(Sleep)),
                JsValue.FromObject(engine, new Func<double>(() => now.ToUnixTimeMilliseconds()))]).AsObject();
            try
            {
                var last = JsValue.Undefined;
                foreach (var script in scripts)
                    last = engine.Evaluate(script, "@(shell eval)");
                if (!last.IsUndefined())
                    Print((json is null ? shell.Get("shown").Call(last) : shell.Get("json").Call(last, json == "relaxed")).AsString() + "\n");
                return CommandResult.Ok(output.ToString());
            }
            catch (JavaScriptException error) when (json is not null)
            {
                return new(1, output + shell.Get("json").Call(error.Error, json == "relaxed").AsString() + "\n", "");
            }
            catch (JavaScriptException error)
            {
                return new(1, output.ToString(), Sentence(shell, error));
            }
        }
        catch (Waits wait)
        {
            if (_answers.Count >= MostWaits)
                return new(1, output.ToString(), $"MongoshRuntimeError: the script waited more than {MostWaits} times\n");
            return new(0, "", "") { Rest = new Unfinished(wait.For, later => Resume(wait.For, later)) };
        }
        catch (Quits quit)
        {
            return new(quit.Code, output.ToString(), quit.Reason is null ? "" : $"MongoshRuntimeError: {quit.Reason}\n");
        }
        catch (Exception limit) when (limit is StatementsCountOverflowException or MemoryLimitExceededException or RecursionDepthOverflowException or TimeoutException)
        {
            return new(1, output.ToString(), $"MongoshRuntimeError: the script was ended by the simulated shell: {limit.Message}\n");
        }
    }

    private CommandResult Resume(Task<JsonObject> answered, DateTimeOffset now)
    {
        database.Advance(now);
        _answers.Add(answered.GetAwaiter().GetResult().ToJsonString());
        return Run(now);
    }

    private async Task<JsonObject> SleepAsync(DateTimeOffset until)
    {
        await database.WaitUntil(until);
        return new() { ["ok"] = 1 };
    }

    /// <summary>As mongosh ends on an error: its name and message on stderr, exit code 1.</summary>
    private string Sentence(JsValue shell, JavaScriptException error)
    {
        using var said = JsonDocument.Parse(shell.AsObject().Get("error").Call(error.Error).AsString());
        var (name, message) = (said.RootElement.GetProperty("name").GetString(), said.RootElement.GetProperty("message").GetString()!);
        return name is null ? $"undefined: {message}\n" : $"{name}: {InV8Words(message)}\n";
    }

    /// <summary>The engine names the property only; mongosh runs on V8, which names the whole expression: <c>rs.foo is not a function</c>.</summary>
    private string InV8Words(string message)
    {
        const string End = " is not a function";
        if (!message.EndsWith(End, StringComparison.Ordinal))
            return message;
        var property = message[..^End.Length].Replace("Property '", "", StringComparison.Ordinal).Replace("' of object", "", StringComparison.Ordinal);
        var place = scripts.Select(s => (Script: s, At: s.IndexOf($".{property}(", StringComparison.Ordinal))).FirstOrDefault(p => p.At >= 0);
        if (place.Script is null)
            return property + End;
        var from = place.At;
        while (from > 0 && (char.IsAsciiLetterOrDigit(place.Script[from - 1]) || place.Script[from - 1] is '.' or '_' or '$'))
            from--;
        return $"{place.Script[from..place.At]}.{property}{End}";
    }

    private static string ReadPrelude()
    {
        using var stream = typeof(MongoScript).Assembly.GetManifestResourceStream("Rollcall.Simulator.mongosh.js")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private sealed class Waits(Task<JsonObject> wait) : Exception("The script waits for the server.")
    {
        public Task<JsonObject> For => wait;
    }

    private sealed class Quits(int code, string? reason) : Exception("The script ends itself.")
    {
        public int Code => code;

        public string? Reason => reason;
    }
}
