using System.Text.Json.Nodes;

namespace Rollcall.Simulator.Databases.Mongo;

/// <summary>The replies of MongoDB 6 to 8, field by field in the order that the manual shows them.</summary>
/// <remarks>Source: MongoDB manual, commands hello, replSetGetStatus, replSetGetConfig, listShards, buildInfo.</remarks>
internal static class MongoDocuments
{
    public static JsonObject Hello(MongoDatabase database, MongoMember member, bool legacy, DateTimeOffset now)
    {
        var set = member.Set;
        var visible = set.Members.Where(m => m is { Hidden: false, ArbiterOnly: false }).ToList();
        var hello = new JsonObject { ["topologyVersion"] = TopologyVersion(member.Pod, member.StartedAt, set.Term) };
        hello["hosts"] = Hosts(database, visible.Where(m => m.Priority > 0));
        if (visible.Exists(m => m.Priority <= 0))
            hello["passives"] = Hosts(database, visible.Where(m => m.Priority <= 0));
        if (set.Members.Any(m => m.ArbiterOnly))
            hello["arbiters"] = Hosts(database, set.Members.Where(m => m.ArbiterOnly));
        hello["setName"] = set.Name;
        hello["setVersion"] = set.ConfigVersion;
        hello[legacy ? "ismaster" : "isWritablePrimary"] = member.Leads;
        hello["secondary"] = member is { State: MongoState.Secondary, Usurper: false };
        if (member.Leads)
            hello["primary"] = database.HostOf(member.Pod);
        else if (set.Primary is { Leads: true } primary)
            hello["primary"] = database.HostOf(primary.Pod);
        if (member.ArbiterOnly)
            hello["arbiterOnly"] = true;
        if (member is { Priority: <= 0, ArbiterOnly: false })
            hello["passive"] = true;
        if (member.Hidden)
            hello["hidden"] = true;
        hello["me"] = database.HostOf(member.Pod);
        if (member.Leads)
            hello["electionId"] = Bson.ObjectId($"{set.Name}/{set.Term}");
        if (!member.ArbiterOnly)
        {
            hello["lastWrite"] = new JsonObject
            {
                ["opTime"] = Bson.OpTime(set.OpTimeOf(member, now), set.Term),
                ["lastWriteDate"] = Bson.Date(Second(set.OpTimeOf(member, now))),
                ["majorityOpTime"] = Bson.OpTime(set.OpTimeOf(member, now), set.Term),
                ["majorityWriteDate"] = Bson.Date(Second(set.OpTimeOf(member, now))),
            };
        }
        if (set.ConfigServer)
            hello["configsvr"] = 2;
        return Limits(hello, member.Version, now);
    }

    public static JsonObject RouterHello(MongoRouter router, bool legacy, DateTimeOffset now)
    {
        var hello = new JsonObject
        {
            [legacy ? "ismaster" : "isWritablePrimary"] = true,
            ["msg"] = "isdbgrid",
            ["topologyVersion"] = TopologyVersion(router.Pod, router.StartedAt, 0),
        };
        return Limits(hello, router.Version, now);
    }

    public static JsonObject Status(MongoDatabase database, MongoMember self, DateTimeOffset now)
    {
        var set = self.Set;
        var source = self.Leads || self.ArbiterOnly ? null : set.Primary is { Leads: true } primary ? primary : null;
        var applied = set.OpTimeOf(self, now);
        var status = new JsonObject
        {
            ["set"] = set.Name,
            ["date"] = Bson.Date(now),
            ["myState"] = self.Leads ? 1 : (int)self.State,
            ["term"] = Bson.Long(set.Term),
            ["syncSourceHost"] = source is null ? "" : database.HostOf(source.Pod),
            ["syncSourceId"] = source?.Id ?? -1,
        };
        if (set.ConfigServer)
            status["configsvr"] = true;
        status["heartbeatIntervalMillis"] = Bson.Long(2000);
        status["majorityVoteCount"] = set.Majority;
        status["writeMajorityCount"] = Math.Min(set.Majority, set.Members.Count(m => m is { Votes: > 0, ArbiterOnly: false }));
        status["votingMembersCount"] = set.VotingMembers;
        status["writableVotingMembersCount"] = set.Members.Count(m => m is { Votes: > 0, ArbiterOnly: false });
        status["optimes"] = new JsonObject
        {
            ["lastCommittedOpTime"] = Bson.OpTime(applied, set.Term),
            ["lastCommittedWallTime"] = Bson.Date(applied),
            ["readConcernMajorityOpTime"] = Bson.OpTime(applied, set.Term),
            ["appliedOpTime"] = Bson.OpTime(applied, set.Term),
            ["durableOpTime"] = Bson.OpTime(applied, set.Term),
            ["lastAppliedWallTime"] = Bson.Date(applied),
            ["lastDurableWallTime"] = Bson.Date(applied),
        };
        status["lastStableRecoveryTimestamp"] = Bson.Timestamp(applied);
        status["members"] = new JsonArray([.. set.Members.Select(m => (JsonNode)Member(database, self, m, now))]);
        status["ok"] = 1;
        return status;
    }

    public static JsonObject Config(MongoDatabase database, MongoReplicaSet set)
    {
        var config = new JsonObject { ["_id"] = set.Name, ["version"] = set.ConfigVersion, ["term"] = set.Term };
        config["members"] = new JsonArray([.. set.Members.Select(m => (JsonNode)new JsonObject
        {
            ["_id"] = m.Id,
            ["host"] = database.HostOf(m.Pod),
            ["arbiterOnly"] = m.ArbiterOnly,
            ["buildIndexes"] = true,
            ["hidden"] = m.Hidden,
            ["priority"] = m.Priority,
            ["tags"] = new JsonObject(),
            ["secondaryDelaySecs"] = Bson.Long(0),
            ["votes"] = m.Votes,
        })]);
        if (set.ConfigServer)
            config["configsvr"] = true;
        config["protocolVersion"] = Bson.Long(1);
        config["writeConcernMajorityJournalDefault"] = true;
        config["settings"] = new JsonObject
        {
            ["chainingAllowed"] = true,
            ["heartbeatIntervalMillis"] = 2000,
            ["heartbeatTimeoutSecs"] = 10,
            ["electionTimeoutMillis"] = 10000,
            ["catchUpTimeoutMillis"] = -1,
            ["catchUpTakeoverDelayMillis"] = 30000,
            ["getLastErrorModes"] = new JsonObject(),
            ["getLastErrorDefaults"] = new JsonObject { ["w"] = 1, ["wtimeout"] = 0 },
            ["replicaSetId"] = Bson.ObjectId($"{database.Name}/{set.Name}"),
        };
        return config;
    }

    public static JsonObject Shards(MongoDatabase database, DateTimeOffset now) => new()
    {
        ["shards"] = new JsonArray([.. database.Sets.Where(s => !s.ConfigServer).Select(s => (JsonNode)new JsonObject
        {
            ["_id"] = s.Name,
            ["host"] = $"{s.Name}/{string.Join(',', s.Members.Where(m => m is { Hidden: false, ArbiterOnly: false }).Select(m => database.HostOf(m.Pod)))}",
            ["state"] = 1,
            ["topologyTime"] = Bson.Timestamp(s.ElectedAt),
            ["replSetConfigVersion"] = Bson.Long(s.ConfigVersion),
        })]),
        ["ok"] = 1,
    };

    public static JsonObject BuildInfo(string version) => new()
    {
        ["version"] = version,
        ["gitVersion"] = StableHash.Hex($"mongodb/{version}", 40),
        ["modules"] = new JsonArray(),
        ["allocator"] = "tcmalloc",
        ["javascriptEngine"] = "mozjs",
        ["versionArray"] = new JsonArray([.. version.Split('.', '-').Where(p => p.All(char.IsAsciiDigit) && p.Length is > 0 and < 5)
            .Select(p => (JsonNode)int.Parse(p, System.Globalization.CultureInfo.InvariantCulture)), 0]),
        ["bits"] = 64,
        ["debug"] = false,
        ["maxBsonObjectSize"] = 16777216,
        ["storageEngines"] = new JsonArray("devnull", "wiredTiger"),
        ["ok"] = 1,
    };

    public static JsonObject ServerStatus(MongoDatabase database, string pod, string process, string version, DateTimeOffset startedAt, DateTimeOffset now)
    {
        var up = now - startedAt;
        return new()
        {
            ["host"] = $"{pod}:{database.PortOf(pod)}",
            ["version"] = version,
            ["process"] = process,
            ["pid"] = Bson.Long(1),
            ["uptime"] = Math.Floor(up.TotalSeconds),
            ["uptimeMillis"] = Bson.Long((long)up.TotalMilliseconds),
            ["localTime"] = Bson.Date(now),
            ["ok"] = 1,
        };
    }

    public static JsonObject ClusterTime(DateTimeOffset now) => new()
    {
        ["clusterTime"] = Bson.Timestamp(now),
        ["signature"] = new JsonObject { ["hash"] = new JsonObject { ["$binary"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }, ["keyId"] = Bson.Long(0) },
    };

    private static JsonObject Member(MongoDatabase database, MongoMember self, MongoMember member, DateTimeOffset now)
    {
        var set = self.Set;
        var down = !member.Answers;
        // A member that believes to lead says so of itself; the others still see what it was.
        var leads = member == self ? member.Leads : set.Primary == member && member.State is MongoState.Primary;
        var row = new JsonObject
        {
            ["_id"] = member.Id,
            ["name"] = database.HostOf(member.Pod),
            ["health"] = down ? 0 : 1,
            ["state"] = down ? 8 : leads ? 1 : member.Usurper ? 2 : (int)member.State,
            ["stateStr"] = down ? "(not reachable/healthy)" : leads ? "PRIMARY" : member.Usurper ? "SECONDARY" : member.StateName,
            ["uptime"] = down ? 0 : Math.Max(0, (int)(now - member.StartedAt).TotalSeconds),
        };
        var applied = set.OpTimeOf(member, now);
        if (!member.ArbiterOnly)
        {
            row["optime"] = down ? Bson.NoOpTime() : Bson.OpTime(applied, set.Term);
            if (member != self)
                row["optimeDurable"] = down ? Bson.NoOpTime() : Bson.OpTime(applied, set.Term);
            row["optimeDate"] = Bson.Date(down ? DateTimeOffset.UnixEpoch : Second(applied));
            if (member != self)
                row["optimeDurableDate"] = Bson.Date(down ? DateTimeOffset.UnixEpoch : Second(applied));
            row["lastAppliedWallTime"] = Bson.Date(applied);
            row["lastDurableWallTime"] = Bson.Date(applied);
        }
        if (member != self)
        {
            row["lastHeartbeat"] = Bson.Date(now);
            row["lastHeartbeatRecv"] = Bson.Date(down ? member.FrozenAt : now);
            row["pingMs"] = Bson.Long(0);
            row["lastHeartbeatMessage"] = down ? $"Error connecting to {database.HostOf(member.Pod)} :: caused by :: Connection refused" : "";
        }
        var follows = !leads && !down && !member.ArbiterOnly && set.Primary is { Leads: true };
        row["syncSourceHost"] = follows ? database.HostOf(set.Primary!.Pod) : "";
        row["syncSourceId"] = follows ? set.Primary!.Id : -1;
        row["infoMessage"] = "";
        if (leads)
        {
            row["electionTime"] = Bson.Timestamp(set.ElectedAt);
            row["electionDate"] = Bson.Date(Second(set.ElectedAt));
        }
        row["configVersion"] = down ? -1 : set.ConfigVersion;
        row["configTerm"] = down ? -1 : set.Term;
        if (member == self)
        {
            row["self"] = true;
            row["lastHeartbeatMessage"] = "";
        }
        return row;
    }

    private static JsonObject Limits(JsonObject hello, string version, DateTimeOffset now)
    {
        hello["maxBsonObjectSize"] = 16777216;
        hello["maxMessageSizeBytes"] = 48000000;
        hello["maxWriteBatchSize"] = 100000;
        hello["localTime"] = Bson.Date(now);
        hello["logicalSessionTimeoutMinutes"] = 30;
        hello["connectionId"] = 118;
        hello["minWireVersion"] = 0;
        hello["maxWireVersion"] = FeatureVersion.Of(version) switch { "5.0" => 13, "6.0" => 17, "7.0" => 21, "8.0" => 25, _ => 27 };
        hello["readOnly"] = false;
        hello["ok"] = 1;
        hello["$clusterTime"] = ClusterTime(now);
        hello["operationTime"] = Bson.Timestamp(now);
        return hello;
    }

    private static JsonObject TopologyVersion(string pod, DateTimeOffset startedAt, long counter) => new()
    {
        ["processId"] = Bson.ObjectId($"{pod}/{startedAt.Ticks}"), ["counter"] = Bson.Long(counter + 1),
    };

    private static JsonArray Hosts(MongoDatabase database, IEnumerable<MongoMember> members) => [.. members.Select(m => (JsonNode)database.HostOf(m.Pod))];

    /// <summary>optimeDate and its like have whole seconds: they are the first half of a Timestamp.</summary>
    private static DateTimeOffset Second(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds());
}
