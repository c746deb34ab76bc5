using Rollcall.Engine.Profiles;
using Xunit;

namespace Rollcall.Unit.Profiles;

public sealed class ProfileReaderTests
{
    /// <summary>Line 5 is "spec:"; what a test adds begins on line 12.</summary>
    private static string Profile(string more = "", string roles = Roles, string probe = Probe, string lag = "  lag: { maxBytes: 1 }", string stages = "  stages: [{ name: all, shards: rest }]") =>
        $"""
        apiVersion: rollcall.dev/v1alpha1
        kind: EngineProfile
        metadata:
          name: test
        spec:
          title: Test
        {roles}
        {probe}
        {lag}
        {stages}
        # more
        {more}
        """;

    private const string Roles = "  roles: [{ name: replica, letter: R, order: 1, votes: true }, { name: primary, letter: P, order: 2, leads: true, votes: true, aliases: [master] }]";
    private const string Probe = "  probe: { command: [x], tool: x, reader: json, role: role, position: [p] }";

    [Fact]
    public void Read_LeftOut_TakesTheDefaults()
    {
        var read = ProfileReader.Read(Profile(), "test.yaml");

        Assert.True(read.Ok, read.Refusal?.Message);
        var profile = read.Value;
        Assert.Equal(("test", "Test", "test.yaml", Profile()), (profile.Name, profile.Title, profile.Source, profile.Text));
        Assert.Equal((1, 1, 50, false, false), (profile.MembersAtOnce, profile.ShardsAtOnce, profile.ShardsPercent, profile.LeaderMajority, profile.Quorum));
        Assert.Equal(new DeadlineSpec(), profile.Deadlines);
        Assert.Equal(new EstimateSpec(), profile.Estimates);
        Assert.Equal(new VersionSpec(), profile.Versions);
        Assert.Equal(new RollbackPolicy(), profile.Rollback);
        Assert.Equal(TimeSpan.FromSeconds(5), profile.Probe!.MaxAge);
        Assert.Null(profile.Switchover);
        Assert.Equal("primary", profile.Normalise("MASTER"));
    }

    public static TheoryData<string, string, int, string, string> Wrong => new()
    {
        { Profile().Replace("EngineProfile", "RolloutPlan"), "/kind", 2, "'RolloutPlan'", "EngineProfile" },
        { Profile().Replace("name: test", "name: Test"), "/metadata/name", 4, "DNS label", "" },
        { Profile().Replace("  title: Test", "  titel: Test"), "/spec/titel", 6, "no key 'titel'", "title" },
        { Profile().Replace("  title: Test", "  titel: Test"), "/spec/title", 5, "needs 'title'", "" },
        { Profile("  backup: {}"), "/spec/backup", 12, "not acted on by this build", "probe" },
        { Profile("  movers: []"), "/spec/movers", 12, "empty", "" },
        { Profile("  movers: [{ name: b, title: b, check: [x], suspended: s, running: r, suspend: [x] }]"), "/spec/movers/0/resume", 12, "needs 'resume'", "" },
        { Profile("  drain: { undo: [x] }"), "/spec/drain/command", 12, "needs 'command'", "" },
        { Profile("  finaliser: { title: F }"), "/spec/finaliser/raise", 12, "needs 'raise'", "" },
        { Profile("  finaliser: { title: F, implicit: lastMember, raise: [x] }"), "/spec/finaliser/raise", 12, "would never be used", "implicit: no" },
        { Profile("  finaliser: { title: F, check: [x], raised: r, raise: [x], lower: [x] }"), "/spec/finaliser/lower", 12, "needs 'lowered'", "lowered" },
        { Profile("  detect: { images: [\"(\"] }"), "/spec/detect/images", 12, "not a regular expression", "" },
        { Profile("  detect: { images: [\"(a)\\\\1\"] }"), "/spec/detect/images", 12, "not a regular expression", "" },
        { Profile("  limits: { membersAtOnce: 0 }"), "/spec/limits/membersAtOnce", 12, "from 1", "1 to 100" },
        { Profile("  limits: { shardsPercent: 101 }"), "/spec/limits/shardsPercent", 12, "from 1 to 100", "1 to 100" },
        { Profile("  limits: { leaderMajority: maybe }"), "/spec/limits/leaderMajority", 12, "true or false", "false" },
        { Profile("  versions: { readableDown: patch }"), "/spec/versions/readableDown", 12, "'patch'", "minor" },
        { Profile("  versions: { maxMajorStep: -1 }"), "/spec/versions/maxMajorStep", 12, "whole number", "0 to 1000" },
        { Profile("  rollback: { afterSwitchover: perhaps }"), "/spec/rollback/afterSwitchover", 12, "'perhaps'", "ifReadable" },
        { Profile("  deadlines: { ready: 0s }"), "/spec/deadlines/ready", 12, "from 1s", "1s to 1d" },
        { Profile("  estimates: { start: soon }"), "/spec/estimates/start", 12, "30s", "0s to 1d" },
        { Profile("  components: { up: [\"a b\"] }"), "/spec/components/up/0", 12, "component name", "" },
        { Profile("  switchover: { on: leader, command: [x] }"), "/spec/switchover/on", 12, "'leader'", "from, to" },
        { Profile("  switchover: { on: to, command: [] }"), "/spec/switchover/command", 12, "empty", "" },
        { Profile("  switchover: { on: from, command: [x] }"), "/spec/switchover/command", 12, "{to}", "" },
        { Profile(stages: "  stages: []"), "/spec/stages", 10, "empty", "" },
        { Profile(stages: ""), "/spec/stages", 5, "needs 'stages'", "" },
        { Profile(stages: "  stages: [{ name: a, shards: { percent: 0 } }]"), "/spec/stages/0/shards/percent", 10, "from 1 to 100", "1 to 100" },
        { Profile(lag: "  lag: { maxBytes: 1, maxSeconds: 1 }"), "/spec/lag/maxSeconds", 9, "not both", "maxBytes" },
        { Profile(lag: "  lag: { maxSeconds: 1 }"), "/spec/lag", 9, "no probe reads seconds", "probe.lagSeconds" },
        { Profile(probe: "  # none"), "/spec/lag", 9, "no probe reads a position", "probe.position" },
        { Profile(probe: Probe.Replace("json", "xml")), "/spec/probe/reader", 8, "'xml'", "keyValue" },
        { Profile(probe: Probe.Replace("tool: x, ", "")), "/spec/probe/tool", 8, "needs 'tool'", "" },
        { Profile(probe: Probe.Replace("tool", "timeout: 10ms, tool")), "/spec/probe/timeout", 8, "from 100ms", "100ms to 5m" },
        { Profile(roles: Roles.Replace("order: 1", "order: 1, leads: true")), "/spec/roles", 7, "2 roles lead", "leads: true" },
        { Profile(roles: Roles.Replace("leads: true", "leads: true, electable: false")), "/spec/roles", 7, "not electable", "electable: true" },
        { Profile(roles: Roles.Replace("order: 1", "order: 3")), "/spec/roles", 7, "highest order", "" },
        { Profile(roles: Roles.Replace("[master]", "[Replica]")), "/spec/roles/1/name", 7, "'Replica' names two roles", "" },
        { Profile(roles: Roles.Replace("letter: P", "letter: R")), "/spec/roles/1/letter", 7, "letter R", "" },
        { Profile(roles: Roles.Replace("letter: P", "letter: p")), "/spec/roles/1/letter", 7, "capital", "" },
        { Profile("  limits: { quorum: true }", roles: Roles.Replace(", votes: true", "")), "/spec/limits/quorum", 12, "no role votes", "votes: true" },
        { Profile("  switchover: { on: to, command: [x] }\n  limits: { leaderMajority: true }", roles: Roles.Replace("leads: true, ", "")), "/spec/switchover", 12, "no role that leads", "leads: true" },
        { Profile("  switchover: { on: to, command: [x] }\n  limits: { leaderMajority: true }", roles: Roles.Replace("leads: true, ", "")), "/spec/limits/leaderMajority", 13, "no role leads", "leads: true" },
        { Profile(roles: "", stages: "  stages: [{ name: a, shards: rest, gate: { at: BeforeSwitchover } }]"), "/spec/stages", 10, "no role leads", "BeforeStage" },
        { Profile(roles: ""), "/spec/probe", 8, "no roles", "roles" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Read_Wrong_NamesFilePointerLineAndWhatIsAllowed(string text, string pointer, int line, string message, string allowed)
    {
        var read = ProfileReader.Read(text, "/etc/profiles/test.yaml");

        Assert.False(read.Ok);
        Assert.StartsWith("The profile /etc/profiles/test.yaml cannot be read: line ", read.Refusal.Message);
        var error = read.Refusal.Errors.FirstOrDefault(e => e.Path == pointer && e.Message.Contains(message, StringComparison.Ordinal));
        Assert.True(error is not null, string.Join(" | ", read.Refusal.Errors.Select(e => $"{e.Path}:{e.Line} {e.Message}")));
        Assert.Equal(line, error.Line);
        Assert.Contains(allowed, string.Join(", ", error.Allowed));
    }

    [Fact]
    public void Library_Folder_OverridesExtendsAndReports()
    {
        var folder = Directory.CreateTempSubdirectory("rollcall-profiles-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a.yaml"), ProfileLibrary.BuiltIn.Find("generic")!.Text.Replace("Service without roles", "Ours"));
            File.WriteAllText(Path.Combine(folder.FullName, "b.yml"), Profile());
            File.WriteAllText(Path.Combine(folder.FullName, "c.yaml"), Profile("  magic: 1"));
            File.WriteAllText(Path.Combine(folder.FullName, "notes.txt"), "not a profile");

            var library = ProfileLibrary.Load(folder.FullName);

            Assert.Equal("Ours", library.Find("generic")!.Title);
            Assert.Equal("test", library.Resolve("test", [], []).Name);
            Assert.NotNull(library.Find("redis-cluster"));
            var problem = Assert.Single(library.Problems);
            Assert.EndsWith("c.yaml", problem.File);
            Assert.Contains("c.yaml cannot be read: line 12: 'spec' has no key 'magic'.", problem.Refusal.Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Library_MissingFolder_IsAProblem() => Assert.Contains("does not exist", Assert.Single(ProfileLibrary.Load("/no/such/folder").Problems).Refusal.Message);

    [Theory]
    [InlineData("redis", "redis", "", "")]
    [InlineData("redis:7.2", "redis", "7.2", "")]
    [InlineData("registry:5000/a/redis", "registry:5000/a/redis", "", "")]
    [InlineData("registry:5000/a/redis:7@sha256:ab", "registry:5000/a/redis", "7", "sha256:ab")]
    public void ImageName_Parse_TakesItApartAndBack(string image, string repository, string tag, string digest)
    {
        var name = ImageName.Parse(image);

        Assert.Equal((repository, tag, digest), (name.Repository, name.Tag, name.Digest));
        Assert.Equal(image, name.ToString());
        Assert.Equal($"{repository}:8", name.WithTag("8").ToString());
    }
}
