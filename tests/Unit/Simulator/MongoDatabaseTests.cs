using Xunit;

namespace Rollcall.Unit.Simulator;

/// <summary>MongoDB's replica sets and sharded cluster: elections, step-downs, lag, versions, the balancer.</summary>
public sealed class MongoDatabaseTests
{
    private static readonly TimeSpan Handover = MongoShard.Timings.Handover;

    [Fact]
    public void Cluster_AfterStart_HasItsDeclaredPrimariesAndRouters()
    {
        var mongo = MongoShard.Up();

        Assert.Equal("secondary secondary primary", mongo.Roles("c"));
        Assert.Equal("secondary primary secondary", mongo.Roles("a"));
        Assert.Equal("mongos", mongo.Database.RoleOf("r-1"));
        Assert.All(mongo.Database.Sets, s => Assert.Equal((1, "7.0"), (s.Term, s.Fcv)));
    }

    [Fact]
    public void Hello_SaysWhoLeadsAndWhoIsWho()
    {
        var mongo = MongoShard.Up(hidden: ["a-2"]);

        var primary = mongo.Json("a-1", "db.hello()");
        var secondary = mongo.Json("a-0", "db.hello()");
        var hidden = mongo.Json("a-2", "db.hello()");
        var router = mongo.Json("r-0", "db.hello()");

        Assert.Equal((true, false, "a"), ((bool)primary["isWritablePrimary"]!, (bool)primary["secondary"]!, (string)primary["setName"]!));
        Assert.Equal((false, true), ((bool)secondary["isWritablePrimary"]!, (bool)secondary["secondary"]!));
        Assert.Equal("a-1.a.demo.svc.cluster.local:27017", (string)secondary["primary"]!);
        Assert.Equal("a-0.a.demo.svc.cluster.local:27017", (string)secondary["me"]!);
        Assert.Equal(2, primary["hosts"]!.AsArray().Count);
        Assert.True((bool)hidden["hidden"]! && (bool)hidden["passive"]!);
        Assert.Equal("isdbgrid", (string)router["msg"]!);
        Assert.Equal(21, (int)router["maxWireVersion"]!);
        Assert.Equal(2, (int)mongo.Json("c-0", "db.hello()")["configsvr"]!);
    }

    [Fact]
    public void Status_NamesEveryMemberWithItsStateAndOptime()
    {
        var mongo = MongoShard.Up(arbiters: ["a-2"]);
        mongo.Database.SetLag("a-0", 42, mongo.Now);

        var status = mongo.Json("a-0", "rs.status()");
        var members = status["members"]!.AsArray();

        Assert.Equal((2, 1L, "a"), ((int)status["myState"]!, (long)status["term"]!, (string)status["set"]!));
        Assert.Equal(["SECONDARY", "PRIMARY", "ARBITER"], members.Select(m => (string)m!["stateStr"]!));
        Assert.Equal([true, null, null], members.Select(m => (bool?)m!["self"]));
        Assert.Null(members[2]!["optime"]);
        Assert.InRange(((DateTimeOffset)members[1]!["optimeDate"]!["$date"]! - (DateTimeOffset)members[0]!["optimeDate"]!["$date"]!).TotalSeconds, 41, 44);
        Assert.Equal("a-1.a.demo.svc.cluster.local:27017", (string)status["syncSourceHost"]!);
    }

    [Fact]
    public void Status_OfAMemberThatIsDown_IsWhatItsPeersSee()
    {
        var mongo = MongoShard.Up();
        mongo.Database.Stop("a-2", clean: true, mongo.Now);

        var down = mongo.Json("a-0", "rs.status().members[2]");

        Assert.Equal((0, 8, "(not reachable/healthy)", -1), ((int)down["health"]!, (int)down["state"]!, (string)down["stateStr"]!, (int)down["configVersion"]!));
        Assert.Equal(-1, (long)down["optime"]!["t"]!);
    }

    [Fact]
    public void StepDown_WithACaughtUpSecondary_IsObeyedAndAnotherIsElected()
    {
        var mongo = MongoShard.Up();

        var answer = mongo.Run("a-1", "rs.stepDown(120, 30).ok");

        Assert.Equal((0, "1\n"), (answer.ExitCode, answer.Stdout));
        Assert.Equal("secondary secondary secondary", mongo.Roles("a"));
        mongo.Pass(Handover);
        Assert.Contains("primary", mongo.Roles("a"), StringComparison.Ordinal);
        Assert.Equal("secondary", mongo.Database.RoleOf("a-1"));
        Assert.Equal(2, mongo.Database.Sets.Single(s => s.Name == "a").Term);
    }

    [Fact]
    public async Task StepDown_WhileEverySecondaryLags_WaitsAndIsRefused()
    {
        var mongo = MongoShard.Up();
        mongo.Database.SetLag("a-0", 60, mongo.Now);
        mongo.Database.SetLag("a-2", 60, mongo.Now);

        var asked = mongo.Begin("a-1", "rs.stepDown(60, 10)");
        Assert.True(asked.Waits);
        Assert.True(asked.StillWaitsAfter(TimeSpan.FromSeconds(9)));
        var answer = await asked.AfterAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(1, answer.ExitCode);
        Assert.StartsWith("MongoServerError: No electable secondaries caught up as of", answer.Stderr, StringComparison.Ordinal);
        Assert.Equal("primary", mongo.Database.RoleOf("a-1"));
    }

    [Fact]
    public async Task StepDown_WhenASecondaryCatchesUpInTime_GoesThrough()
    {
        var mongo = MongoShard.Up();
        mongo.Database.SetLag("a-0", 60, mongo.Now);
        mongo.Database.SetLag("a-2", 60, mongo.Now);
        var asked = mongo.Begin("a-1", "rs.stepDown(60, 10); print('stepped down')");

        mongo.Database.SetLag("a-2", 0, mongo.Now);
        var answer = await asked.AfterAsync(Handover);

        Assert.Equal("stepped down\n", answer.Stdout);
        Assert.Equal("primary", mongo.Database.RoleOf("a-2"));
    }

    [Theory]
    [InlineData("a-0", "rs.stepDown(60)", "MongoServerError: not primary so can't step down")]
    [InlineData("a-1", "rs.stepDown(10)", "MongoServerError: stepdown period must be longer than secondaryCatchUpPeriodSecs")]
    [InlineData("a-1", "rs.freeze(5)", "MongoServerError: cannot freeze node when primary or running for election. state: Primary")]
    [InlineData("a-1", "rs.stepDown('soon')", "MongoshInvalidInputError: [COMMON-10001] Argument at position 0 must be of type number")]
    [InlineData("a-1", "db.adminCommand({ balancerStatus: 1 })", "MongoServerError: no such command: 'balancerStatus'")]
    [InlineData("r-0", "rs.status()", "MongoServerError: replSetGetStatus is not supported through mongos")]
    [InlineData("r-0", "db.adminCommand({ getParameter: 1, featureCompatibilityVersion: 1 })", "MongoServerError: no option found to get")]
    [InlineData("a-0", "db.adminCommand({ setFeatureCompatibilityVersion: '8.0', confirm: true })", "MongoServerError: not primary")]
    public void Command_ThatCannotWork_IsRefusedInMongoDbsWords(string pod, string script, string error)
    {
        var answer = MongoShard.Up().Run(pod, script);

        Assert.Equal(1, answer.ExitCode);
        Assert.StartsWith(error, answer.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StepUp_MakesTheChosenMemberPrimary()
    {
        var mongo = MongoShard.Up();

        var answer = await mongo.Begin("a-2", "db.adminCommand({ replSetStepUp: 1 }).ok").AfterAsync(Handover);

        Assert.Equal("1\n", answer.Stdout);
        Assert.Equal("secondary secondary primary", mongo.Roles("a"));
    }

    [Fact]
    public void Priority_RaisedAboveThePrimarys_TakesOver()
    {
        var mongo = MongoShard.Up();

        Assert.Equal("", mongo.Run("a-1", "const c = rs.conf(); c.members[0].priority = 2; rs.reconfig(c)").Stderr);
        mongo.Pass(Handover);

        Assert.Equal("primary secondary secondary", mongo.Roles("a"));
        Assert.Equal(2, (int)mongo.Json("a-0", "rs.conf()")["version"]!);
    }

    [Fact]
    public void Primary_StoppedCleanly_IsSucceededAtOnce_AndADeadOneAfterTheTimeout()
    {
        var clean = MongoShard.Up();
        clean.Database.Stop("a-1", clean: true, clean.Now);
        clean.Pass(Handover);
        Assert.Contains("primary", clean.Roles("a"), StringComparison.Ordinal);

        var dead = MongoShard.Up();
        dead.Database.Stop("a-1", clean: false, dead.Now);
        dead.Pass(MongoShard.Timings.LeaderTimeout - TimeSpan.FromMilliseconds(1));
        Assert.Equal("secondary - secondary", dead.Roles("a"));
        dead.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Contains("primary", dead.Roles("a"), StringComparison.Ordinal);
    }

    [Fact]
    public void Majority_Lost_LeavesNoPrimary_AndComesBackWithIt()
    {
        var mongo = MongoShard.Up();
        mongo.Database.Stop("a-0", clean: true, mongo.Now);
        mongo.Database.Stop("a-2", clean: true, mongo.Now);
        mongo.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal("- secondary -", mongo.Roles("a"));

        Assert.Null(mongo.Start("a-0", "7.0.14"));
        mongo.Pass(TimeSpan.FromSeconds(10));

        Assert.Contains("primary", mongo.Roles("a"), StringComparison.Ordinal);
    }

    [Fact]
    public void HiddenMemberAndArbiter_NeverLead()
    {
        var hidden = MongoShard.Up(hidden: ["a-0"]);
        hidden.Database.Stop("a-1", clean: true, hidden.Now);
        hidden.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal("hidden - primary", hidden.Roles("a"));

        var arbiter = MongoShard.Up(arbiters: ["a-0"]);
        arbiter.Database.Stop("a-1", clean: true, arbiter.Now);
        arbiter.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal("arbiter - primary", arbiter.Roles("a"));
    }

    [Fact]
    public void RestartedMember_CatchesUp()
    {
        var mongo = MongoShard.Up();
        mongo.Database.Stop("a-0", clean: true, mongo.Now);
        mongo.Pass(TimeSpan.FromSeconds(60));
        Assert.Null(mongo.Start("a-0", "7.0.15"));
        mongo.Pass(MongoShard.Timings.Load);

        Assert.InRange(Behind(), 50, 62);
        mongo.Pass(MongoShard.Timings.Resync);
        Assert.InRange(Behind(), 0, 2);

        double Behind() => ((DateTimeOffset)mongo.Json("a-0", "rs.status().members[1]")["optimeDate"]!["$date"]!
            - (DateTimeOffset)mongo.Json("a-0", "rs.status().members[0]")["optimeDate"]!["$date"]!).TotalSeconds;
    }

    [Fact]
    public void NewerBinary_RunsWithTheOldFeatureVersion_AndTheWayBackIsOpenUntilItIsRaised()
    {
        var mongo = MongoShard.Up();
        foreach (var pod in (string[])["c-0", "c-1", "c-2", "a-0", "a-1", "a-2"])
            mongo.Restart(pod, "8.0.4");
        Assert.Equal("7.0\n", mongo.Run("a-0", "db.adminCommand({ getParameter: 1, featureCompatibilityVersion: 1 }).featureCompatibilityVersion.version").Stdout);
        mongo.Restart("a-0", "7.0.14");
        mongo.Restart("a-0", "8.0.4");
        mongo.Restart("r-0", "8.0.4");

        Assert.StartsWith("MongoServerError: Once you have upgraded to 8.0", mongo.Run("r-0", "db.adminCommand({ setFeatureCompatibilityVersion: '8.0' })").Stderr, StringComparison.Ordinal);
        Assert.Equal("", mongo.Run("r-0", "db.adminCommand({ setFeatureCompatibilityVersion: '8.0', confirm: true })").Stderr);

        Assert.All(mongo.Database.Sets, s => Assert.Equal("8.0", s.Fcv));
        mongo.Database.Stop("a-0", clean: true, mongo.Now);
        Assert.Contains("expected '6.0' or '7.0'", mongo.Start("a-0", "7.0.14"), StringComparison.Ordinal);
        mongo.Database.Stop("r-1", clean: true, mongo.Now);
        Assert.Contains("IncompatibleServerVersion", mongo.Start("r-1", "7.0.14"), StringComparison.Ordinal);
    }

    [Fact]
    public void BinaryTwoMajorsAhead_RefusesTheFiles()
    {
        var mongo = MongoShard.Up("6.0.18");
        mongo.Database.Stop("a-0", clean: true, mongo.Now);

        Assert.Contains("version: \\\"6.0\\\"", mongo.Start("a-0", "8.0.4"), StringComparison.Ordinal);
    }

    [Fact]
    public void Arbiter_SaysTheFeatureVersionBeforeItsBinarys()
    {
        var mongo = MongoShard.Up(arbiters: ["a-2"]);

        Assert.Equal("6.0\n", mongo.Run("a-2", "db.adminCommand({ getParameter: 1, featureCompatibilityVersion: 1 }).featureCompatibilityVersion.version").Stdout);
    }

    [Fact]
    public async Task Balancer_StopWaitsForTheRoundThatRuns()
    {
        var mongo = MongoShard.Up();
        while (mongo.Database.Balancer.RoundEnd(mongo.Now) is null)
            mongo.Pass(TimeSpan.FromMilliseconds(500));
        Assert.True((bool)mongo.Json("r-0", "sh.isBalancerRunning()")["inBalancerRound"]!);

        var asked = mongo.Begin("r-0", "sh.stopBalancer().ok");
        Assert.True(asked.Waits);
        var answer = await asked.AfterAsync(TimeSpan.FromSeconds(3));

        Assert.Equal("1\n", answer.Stdout);
        var status = mongo.Json("r-1", "sh.isBalancerRunning()");
        Assert.Equal(("off", false), ((string)status["mode"]!, (bool)status["inBalancerRound"]!));
        Assert.Equal("false\n", mongo.Run("r-0", "sh.getBalancerState()").Stdout);
        for (var seconds = 0; seconds < 60; seconds++)
        {
            mongo.Pass(TimeSpan.FromSeconds(1));
            Assert.Null(mongo.Database.Balancer.RoundEnd(mongo.Now));
        }
        Assert.Equal("true\n", mongo.Run("r-0", "sh.startBalancer(); sh.getBalancerState()").Stdout);
    }

    [Fact]
    public void TwoPrimaries_EachBelieveIt_UntilTheSecondRestarts()
    {
        var mongo = MongoShard.Up();

        Assert.True(mongo.Database.SplitBrain("a", mongo.Now));
        Assert.Equal("primary primary secondary", mongo.Roles("a"));
        Assert.Equal("PRIMARY\n", mongo.Run("a-0", "rs.status().members.find(m => m.self).stateStr").Stdout);
        Assert.Equal("SECONDARY\n", mongo.Run("a-2", "rs.status().members[0].stateStr").Stdout);
        mongo.Restart("a-0", "7.0.14");

        Assert.Equal("secondary primary secondary", mongo.Roles("a"));
    }

    [Fact]
    public async Task HandoversThatFail_LeaveThePrimaryWhereItIs()
    {
        var mongo = MongoShard.Up();
        mongo.Database.HandoversFail = true;

        var down = await mongo.Begin("a-1", "rs.stepDown(60, 10)").AfterAsync(TimeSpan.FromSeconds(10));
        var up = mongo.Run("a-0", "db.adminCommand({ replSetStepUp: 1 })");

        Assert.Contains("No electable secondaries", down.Stderr, StringComparison.Ordinal);
        Assert.Equal("MongoServerError: Election failed.\n", up.Stderr);
        Assert.Equal("secondary primary secondary", mongo.Roles("a"));
    }

    [Fact]
    public void FailOver_MovesThePrimaryWithoutAsking()
    {
        var mongo = MongoShard.Up();

        Assert.True(mongo.Database.FailOver("a", mongo.Now));
        Assert.False(mongo.Database.FailOver("nowhere", mongo.Now));

        Assert.Equal("secondary", mongo.Database.RoleOf("a-1"));
    }
}
