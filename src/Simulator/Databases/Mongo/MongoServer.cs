using System.Text.Json.Nodes;

namespace Rollcall.Simulator.Databases.Mongo;

/// <summary>What a command gave: a reply at once, or one that is still to come.</summary>
internal readonly record struct MongoAnswer(JsonObject? Reply, Task<JsonObject>? Later)
{
    public static MongoAnswer Of(JsonObject reply) => new(reply, null);

    /// <summary>A refusal that may come later; no refusal is a plain yes.</summary>
    public static MongoAnswer Of(Task<MongoRefusal?> refusal) =>
        refusal.IsCompletedSuccessfully ? Of(ReplyTo(refusal.Result)) : new(null, WaitAsync(refusal));

    private static async Task<JsonObject> WaitAsync(Task<MongoRefusal?> refusal) => ReplyTo(await refusal);

    private static JsonObject ReplyTo(MongoRefusal? refusal) => refusal?.ToReply() ?? new JsonObject { ["ok"] = 1 };
}

/// <summary>The commands of mongod and mongos that Rollcall, its profiles and their readers might send. Others are not found, as on a real server.</summary>
internal static class MongoServer
{
    public static MongoAnswer Run(MongoDatabase database, string pod, string db, JsonObject command, DateTimeOffset now)
    {
        var verb = command.Count > 0 ? command.First().Key : "";
        try
        {
            var answer = database.Find(pod) is { } member
                ? Run(database, member, verb, db, command, now)
                : Run(database, database.FindRouter(pod)!, verb, db, command, now);
            if (answer.Reply is { } reply && verb is not "hello" and not "isMaster")
                Stamp(reply, now);
            return answer;
        }
        catch (MongoRefusal refusal)
        {
            return MongoAnswer.Of(refusal.ToReply());
        }
    }

    private static MongoAnswer Run(MongoDatabase database, MongoMember member, string verb, string db, JsonObject command, DateTimeOffset now)
    {
        var set = member.Set;
        switch (verb)
        {
            case "hello" or "isMaster" or "ismaster":
                return MongoAnswer.Of(MongoDocuments.Hello(database, member, legacy: verb != "hello", now));
            case "ping":
                return Yes();
            case "buildInfo" or "buildinfo":
                return MongoAnswer.Of(MongoDocuments.BuildInfo(member.Version));
            case "serverStatus":
                return MongoAnswer.Of(MongoDocuments.ServerStatus(database, member.Pod, "mongod", member.Version, member.StartedAt, now));
            case "find":
                return Find(database, member, db, command);
            case "replSetGetStatus" or "replSetGetConfig" or "replSetStepDown" or "replSetStepUp" or "replSetFreeze" or "replSetReconfig"
                or "getParameter" or "setFeatureCompatibilityVersion" when db != "admin":
                throw new MongoRefusal(13, "Unauthorized", $"{verb} may only be run against the admin database.");
            case "replSetGetStatus":
                return MongoAnswer.Of(MongoDocuments.Status(database, member, now));
            case "replSetGetConfig":
                return MongoAnswer.Of(new JsonObject { ["config"] = MongoDocuments.Config(database, set), ["ok"] = 1 });
            case "replSetStepDown":
                var force = Bson.Flag(command["force"]) ?? false;
                return MongoAnswer.Of(set.StepDown(member, Bson.Number(command[verb]) ?? 60,
                    Bson.Number(command["secondaryCatchUpPeriodSecs"]) ?? (force ? 0 : MongoReplicaSet.CatchUpSeconds), force, now));
            case "replSetStepUp":
                return MongoAnswer.Of(set.StepUp(member, now));
            case "replSetFreeze":
                return set.Freeze(member, Bson.Number(command[verb]) ?? 0, now) is { } refusal ? throw refusal : Yes();
            case "replSetReconfig":
                Reconfigure(database, member, command[verb] as JsonObject ?? [], Bson.Flag(command["force"]) ?? false, now);
                return Yes();
            case "getParameter":
                return Parameter(command, member.ArbiterOnly ? FeatureVersion.Before(FeatureVersion.Of(member.Version)) : member.Fcv);
            case "setFeatureCompatibilityVersion":
                if (!member.Leads)
                    throw MongoRefusal.NotPrimary("not primary");
                SetFcv([set], command, member.Version);
                return Yes();
            default:
                throw MongoRefusal.UnknownCommand(verb);
        }
    }

    private static MongoAnswer Run(MongoDatabase database, MongoRouter router, string verb, string db, JsonObject command, DateTimeOffset now)
    {
        switch (verb)
        {
            case "hello" or "isMaster" or "ismaster":
                return MongoAnswer.Of(MongoDocuments.RouterHello(router, legacy: verb != "hello", now));
            case "ping":
                return Yes();
            case "buildInfo" or "buildinfo":
                return MongoAnswer.Of(MongoDocuments.BuildInfo(router.Version));
            case "serverStatus":
                return MongoAnswer.Of(MongoDocuments.ServerStatus(database, router.Pod, "mongos", router.Version, router.StartedAt, now));
            case "replSetGetStatus":
                throw new MongoRefusal(125, "CommandFailed", "replSetGetStatus is not supported through mongos");
            case "getParameter":
                return Parameter(command, null);
        }
        // Everything else asks the config servers.
        if (database.ConfigServers is not { Primary: { Leads: true } primary })
            throw new MongoRefusal(133, "FailedToSatisfyReadPreference", "Could not find host matching read preference { mode: \"primary\" } for set config");
        switch (verb)
        {
            case "find":
                return Find(database, primary, db, command);
            case "balancerStatus":
                return MongoAnswer.Of(new JsonObject
                {
                    ["mode"] = database.Balancer.Stopped ? "off" : "full",
                    ["inBalancerRound"] = database.Balancer.RoundEnd(now) is not null,
                    ["numBalancerRounds"] = Bson.Long(database.Balancer.Rounds(now)),
                    ["term"] = Bson.Long(primary.Set.Term),
                    ["ok"] = 1,
                });
            case "balancerStart":
                database.Balancer.Start();
                return Yes();
            case "balancerStop":
                return StopBalancer(database, Bson.Number(command["maxTimeMS"]) ?? 60_000, now);
            case "listShards":
                return MongoAnswer.Of(MongoDocuments.Shards(database, now));
            case "setFeatureCompatibilityVersion":
                if (database.Sets.Any(s => s.Primary is not { Leads: true }))
                    throw new MongoRefusal(133, "FailedToSatisfyReadPreference", "Could not find host matching read preference { mode: \"primary\" } for a shard");
                SetFcv([.. database.Sets], command, router.Version);
                return Yes();
            default:
                throw MongoRefusal.UnknownCommand(verb);
        }
    }

    /// <summary>Off at once, but the answer waits for the round that runs.</summary>
    private static MongoAnswer StopBalancer(MongoDatabase database, double milliseconds, DateTimeOffset now)
    {
        database.Balancer.Stop(now);
        if (database.Balancer.RoundEnd(now) is not { } end)
            return Yes();
        var limit = now + database.Timings.Seconds(milliseconds / 1000);
        return new MongoAnswer(null, WaitAsync());

        async Task<JsonObject> WaitAsync()
        {
            await database.WaitUntil(end < limit ? end : limit);
            return end <= limit ? new() { ["ok"] = 1 } : new MongoRefusal(50, "MaxTimeMSExpired", "operation exceeded time limit").ToReply();
        }
    }

    private static MongoAnswer Parameter(JsonObject command, string? fcv)
    {
        if (fcv is null || command["featureCompatibilityVersion"] is null)
            throw new MongoRefusal(72, "InvalidOptions", "no option found to get");
        return MongoAnswer.Of(new JsonObject { ["featureCompatibilityVersion"] = new JsonObject { ["version"] = fcv }, ["ok"] = 1 });
    }

    /// <summary>source: MongoDB manual, setFeatureCompatibilityVersion (from 7.0 on `confirm: true` is required).</summary>
    private static void SetFcv(IReadOnlyList<MongoReplicaSet> sets, JsonObject command, string version)
    {
        var wanted = command["setFeatureCompatibilityVersion"]?.ToString() ?? "";
        var own = FeatureVersion.Of(version);
        if (wanted != own && wanted != FeatureVersion.Before(own))
        {
            throw new MongoRefusal(4926900, "Location4926900", $"Invalid feature compatibility version value '{wanted}'; expected '{FeatureVersion.Before(own)}' or '{own}'. "
                + $"See https://docs.mongodb.com/master/release-notes/{own}-compatibility/#feature-compatibility.");
        }
        if (Bson.Flag(command["confirm"]) != true && !FeatureVersion.IsNewer("7.0", own))
        {
            throw new MongoRefusal(7369100, "Location7369100", FeatureVersion.IsNewer(sets[0].Fcv, wanted)
                ? "Once you have downgraded the FCV, if you choose to downgrade the binary version, it will require support assistance. "
                    + "Please re-run this command with 'confirm: true' to acknowledge this and continue with the FCV downgrade."
                : $"Once you have upgraded to {own}, you will not be able to downgrade FCV and binary version without support assistance. "
                    + "Please re-run this command with 'confirm: true' to acknowledge this and continue with the FCV upgrade.");
        }
        // A member whose binary does not know the new version ends on reading it; the server leaves the check to people, the simulation refuses.
        if (sets.SelectMany(s => s.Members).FirstOrDefault(m => m is { Answers: true, ArbiterOnly: false } && !FeatureVersion.Reads(m.Version, wanted)) is { } old)
            throw new MongoRefusal(7369100, "IncompatibleServerVersion", $"{old.Pod} runs {old.Version}, which does not know feature compatibility version {wanted}");
        foreach (var set in sets)
            set.SetFcv(wanted);
    }

    private static void Reconfigure(MongoDatabase database, MongoMember member, JsonObject config, bool force, DateTimeOffset now)
    {
        if (!member.Leads && !force)
            throw MongoRefusal.NotPrimary($"replSetReconfig should only be run on a writable PRIMARY. Current state {member.StateName};");
        var set = member.Set;
        var wanted = (config["members"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        var hosts = wanted.Select(m => m["host"]?.ToString()).ToHashSet();
        if (config["_id"]?.ToString() != set.Name || wanted.Count != set.Members.Count || set.Members.Any(m => !hosts.Contains(database.HostOf(m.Pod))))
            throw new MongoRefusal(103, "NewReplicaSetConfigurationIncompatible", "the simulated server changes priorities and votes, not the set's name or members");
        if (Bson.Number(config["version"]) is not { } version || version <= set.ConfigVersion)
            throw new MongoRefusal(103, "NewReplicaSetConfigurationIncompatible", $"New replica set configuration version must be greater than old, but {config["version"]} is not greater than {set.ConfigVersion} for replica set {set.Name}");
        foreach (var change in wanted)
        {
            var changed = set.Members.Single(m => database.HostOf(m.Pod) == change["host"]!.ToString());
            (changed.Priority, changed.Votes, changed.Hidden) = (Bson.Number(change["priority"]) ?? 1, (int)(Bson.Number(change["votes"]) ?? 1), Bson.Flag(change["hidden"]) ?? false);
        }
        set.Reconfigured(now);
    }

    /// <summary>The few documents that tools read; the simulation keeps none of the users'.</summary>
    private static MongoAnswer Find(MongoDatabase database, MongoMember member, string db, JsonObject command)
    {
        var collection = $"{db}.{command["find"]}";
        JsonArray? found = collection switch
        {
            "config.settings" => member.Set.ConfigServer && database.Balancer.Stopped ? [new JsonObject { ["_id"] = "balancer", ["mode"] = "off", ["stopped"] = true }] : [],
            "admin.system.version" => [new JsonObject { ["_id"] = "featureCompatibilityVersion", ["version"] = member.Fcv }],
            "local.system.replset" => [MongoDocuments.Config(database, member.Set)],
            _ => null,
        };
        if (found is null)
            throw new MongoRefusal(115, "CommandNotSupported", $"the simulated server keeps no documents of {collection}");
        if (command["filter"] is JsonObject filter && filter["_id"] is { } id)
            found = [.. found.OfType<JsonObject>().Where(d => d["_id"]?.ToJsonString() == id.ToJsonString()).Select(d => d.DeepClone())];
        return MongoAnswer.Of(new JsonObject
        {
            ["cursor"] = new JsonObject { ["id"] = Bson.Long(0), ["ns"] = collection, ["firstBatch"] = found },
            ["ok"] = 1,
        });
    }

    private static MongoAnswer Yes() => MongoAnswer.Of(new JsonObject { ["ok"] = 1 });

    private static void Stamp(JsonObject reply, DateTimeOffset now)
    {
        reply["$clusterTime"] = MongoDocuments.ClusterTime(now);
        reply["operationTime"] = Bson.Timestamp(now);
    }
}
