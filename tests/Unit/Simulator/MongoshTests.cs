using Xunit;

namespace Rollcall.Unit.Simulator;

/// <summary>mongosh as scripts meet it: what it prints, how it fails, and that no script takes the simulator with it.</summary>
public sealed class MongoshTests
{
    private readonly MongoShard _mongo = MongoShard.Up();

    [Theory]
    [InlineData("1 + 1", "2\n")]
    [InlineData("'text'", "text\n")]
    [InlineData("undefined", "")]
    [InlineData("null", "null\n")]
    [InlineData("print('a', 1, { b: [1, 'x'] })", "a 1 { b: [ 1, 'x' ] }\n")]
    [InlineData("printjson({ ok: 1, 'a-b': null })", "{\n  ok: 1,\n  'a-b': null\n}\n")]
    [InlineData("console.log('x')", "x\n")]
    [InlineData("rs.status().term", "Long('1')\n")]
    [InlineData("rs.status().term + 1", "11\n")]
    [InlineData("rs.status().term.toNumber() + 1", "2\n")]
    [InlineData("JSON.stringify({ t: Timestamp({ t: 1, i: 2 }), l: Long(7) })", "{\"t\":{\"$timestamp\":\"4294967298\"},\"l\":{\"low\":7,\"high\":0,\"unsigned\":false}}\n")]
    [InlineData("EJSON.stringify({ t: Timestamp({ t: 1, i: 2 }), l: Long(7), d: ISODate('2026-01-01T00:00:00Z') })", "{\"t\":{\"$timestamp\":{\"t\":1,\"i\":2}},\"l\":7,\"d\":{\"$date\":\"2026-01-01T00:00:00Z\"}}\n")]
    [InlineData("EJSON.stringify({ n: 1 }, { relaxed: false })", "{\"n\":{\"$numberInt\":\"1\"}}\n")]
    [InlineData("new Date().toISOString()", "2026-01-01T00:00:10.000Z\n")]
    [InlineData("db.getSiblingDB('admin').getName() + ' ' + db.getName()", "admin test\n")]
    [InlineData("db.version()", "7.0.14\n")]
    [InlineData("db.orders", "test.orders\n")]
    [InlineData("try { db.adminCommand({ nonsense: 1 }) } catch (e) { print(e.codeName, e.code, e instanceof MongoServerError) }", "CommandNotFound 59 true\n")]
    [InlineData("ISODate('2026-01-01T00:00:01Z') - ISODate('2026-01-01T00:00:00Z')", "1000\n")]
    [InlineData("process.env.MONGODB_PASSWORD === undefined", "true\n")]
    public void Script_PrintsWhatMongoshPrints(string script, string expected)
    {
        var result = _mongo.Run("a-1", script);

        Assert.Equal(("", expected, 0), (result.Stderr, result.Stdout, result.ExitCode));
    }

    [Theory]
    [InlineData("rs.foo()", "TypeError: rs.foo is not a function\n")]
    [InlineData("db.foo()", "TypeError: db.foo is not a function\n")]
    [InlineData("foo()", "ReferenceError: foo is not defined\n")]
    [InlineData("db.adminCommand({ hostInfo: 1 })", "MongoServerError: no such command: 'hostInfo'\n")]
    [InlineData("db.orders.findOne()", "MongoServerError: the simulated server keeps no documents of test.orders\n")]
    [InlineData("throw new Error('mine')", "Error: mine\n")]
    public void UnknownThings_FailAsInMongosh(string script, string error)
    {
        var result = _mongo.Run("a-1", script);

        Assert.Equal((1, error), (result.ExitCode, result.Stderr));
    }

    [Fact]
    public void SyntaxError_IsSaidAsOne()
    {
        var result = _mongo.Run("a-1", "rs.status(");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("SyntaxError: ", result.Stderr, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("(function f() { f(); })()")]
    [InlineData("let s = 'x'; while (true) s += s;")]
    [InlineData("while (true) print('a long line that fills the output')")]
    public void Script_WithoutEnd_IsEnded(string script)
    {
        var result = _mongo.Run("a-1", script);

        Assert.Equal(1, result.ExitCode);
        Assert.NotEqual("", result.Stderr);
        // The simulator goes on.
        Assert.Equal("1\n", _mongo.Run("a-1", "db.hello().ok").Stdout);
    }

    [Fact]
    public void Script_ReachesNothingOfThisProcess()
    {
        foreach (var name in (string[])["System", "importNamespace", "require", "clr", "host"])
            Assert.Equal("undefined\n", _mongo.Run("a-1", $"typeof {name}").Stdout);
    }

    [Fact]
    public void Quit_EndsWithItsCode_AndKeepsWhatWasPrinted()
    {
        var result = _mongo.Run("a-1", "print('before'); quit(3); print('after')");

        Assert.Equal((3, "before\n", ""), (result.ExitCode, result.Stdout, result.Stderr));
    }

    [Fact]
    public async Task Sleep_PassesTheSimulatorsTime_AndNothingIsPrintedTwice()
    {
        var asked = _mongo.Begin("a-1", "print('one'); const t = Date.now(); sleep(2000); print('two', Date.now() >= t)");
        Assert.True(asked.Waits);

        var result = await asked.AfterAsync(TimeSpan.FromSeconds(2));

        Assert.Equal("one\ntwo true\n", result.Stdout);
    }

    [Fact]
    public void Json_PrintsResultAndErrorAsExtendedJson()
    {
        Assert.Equal("{\n  \"n\": {\n    \"$numberInt\": \"1\"\n  }\n}\n", _mongo.Run("a-1", "({ n: 1 })", "--json").Stdout);
        var error = _mongo.Run("a-0", "rs.stepDown()", "--json=relaxed");

        Assert.Equal(1, error.ExitCode);
        Assert.Contains("\"codeName\": \"NotWritablePrimary\"", error.Stdout, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MongoNetworkError: connect ECONNREFUSED 127.0.0.1:27019", "--port", "27019")]
    [InlineData("MongoNetworkError: getaddrinfo ENOTFOUND elsewhere", "--host", "elsewhere")]
    [InlineData("Error parsing command line: unrecognized option: --frobnicate", "--frobnicate")]
    public void CommandLine_ThatReachesNobody_IsRefused(string error, params string[] options)
    {
        var result = _mongo.Run("a-1", "db.hello()", options);

        Assert.Equal((1, error + "\n"), (result.ExitCode, result.Stderr));
    }

    [Fact]
    public void CommandLine_ReachesOtherMembersByName()
    {
        Assert.Equal("true\n", _mongo.Run("a-0", "db.hello().isWritablePrimary", "--host", "a-1.a.demo.svc.cluster.local:27017").Stdout);
        Assert.Equal("true\n", _mongo.Run("a-0", "db.hello().isWritablePrimary", "mongodb://a-1:27017/admin").Stdout);
    }

    [Fact]
    public void BalancerState_AskedOfAShard_IsAnsweredWithAWarning() =>
        Assert.Equal("MongoshWarning: [SHAPI-10003] You are not connected to a mongos. This command may not work as expected.\ntrue\n", _mongo.Run("a-1", "sh.getBalancerState()").Stdout);

    [Fact]
    public void MemberThatIsDown_RefusesConnections()
    {
        _mongo.Database.Stop("a-0", clean: true, _mongo.Now);

        Assert.Equal("MongoNetworkError: connect ECONNREFUSED 127.0.0.1:27017\n", _mongo.Run("a-0", "db.hello()").Stderr);
    }
}
