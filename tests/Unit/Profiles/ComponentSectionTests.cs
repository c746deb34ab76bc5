using Rollcall.Engine.Profiles;
using Xunit;

namespace Rollcall.Unit.Profiles;

public sealed class ComponentSectionTests
{
    /// <summary>Line 5 is "spec:", line 12 "sections:", and what a test adds begins on line 13.</summary>
    private static string Profile(string sections) =>
        $$"""
        apiVersion: rollcall.dev/v1alpha1
        kind: EngineProfile
        metadata:
          name: test
        spec:
          title: Test
          roles: [{ name: replica, letter: R, order: 1, votes: true }, { name: primary, letter: P, order: 2, leads: true, votes: true }]
          probe: { command: [x], tool: x, reader: json, role: role, position: [p] }
          lag: { maxBytes: 1 }
          limits: { shardsAtOnce: 3, quorum: true }
          stages: [{ name: all, shards: rest }]
          components: { sections: [
            {{sections}}
          ] }
        """;

    private static EngineProfile Read(string sections)
    {
        var read = ProfileReader.Read(Profile(sections), "test.yaml");
        Assert.True(read.Ok, read.Refusal?.Message + string.Join("; ", read.Refusal?.Errors.Select(e => e.Message) ?? []));
        return read.Value;
    }

    [Fact]
    public void For_NoSectionCovers_IsTheProfileItself()
    {
        var profile = Read("{ match: [router], roles: [] }");

        Assert.Same(profile, profile.For("data"));
        Assert.NotSame(profile, profile.For("router"));
        Assert.Same(profile.For("router"), profile.For("router"));
        Assert.Same(profile.For("router"), profile.For("router").For("data"));
    }

    [Fact]
    public void For_SectionSaysOneThing_TheRestIsTheProfiles()
    {
        var rolled = Read("{ match: [\"conf*\"], title: Config, limits: { shardsAtOnce: 1 }, estimates: { start: 1m } }").For("config-server");

        Assert.Equal(("Config", 1, true, 2), (rolled.Title, rolled.ShardsAtOnce, rolled.Quorum, rolled.Roles.Length));
        Assert.Equal((TimeSpan.FromMinutes(1), new EstimateSpec().Terminate), (rolled.Estimates.Start, rolled.Estimates.Terminate));
        Assert.NotNull(rolled.Probe);
        Assert.Equal("test", rolled.Name);
    }

    [Fact]
    public void For_SectionWithRolesOfItsOwn_TakesNothingThatSpeaksOfOtherRoles()
    {
        var rolled = Read("{ match: [router], roles: [] }").For("router");

        Assert.False(rolled.HasRoles);
        Assert.Null(rolled.Probe);
        Assert.False(rolled.Lag.Measured);
        Assert.False(rolled.Quorum);
        Assert.Equal(3, rolled.ShardsAtOnce);
    }

    [Fact]
    public void For_TwoSectionsCover_TheFirstCounts() =>
        Assert.Equal("One", Read("{ match: [\"a*\"], title: One }, { match: [\"*b\"], title: Two }").For("ab").Title);

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "{ title: x }", "/spec/components/sections/0/match", "needs 'match'" },
        { "{ match: [] }", "/spec/components/sections/0/match", "'match' is empty" },
        { "{ match: [\"A B\"] }", "/spec/components/sections/0/match/0", "component name" },
        { "{ match: [a], detect: {} }", "/spec/components/sections/0/detect", "no key 'detect'" },
        { "{ match: [a] }, { match: [a] }", "/spec/components/sections/1/match", "in an earlier section already" },
        { "{ match: [\"*\"] }, { match: [a] }", "/spec/components/sections/1/match", "would never count" },
        { "{ match: [a], roles: [], limits: { quorum: true } }", "/spec/components/sections/0/limits/quorum", "no role votes" },
        { "{ match: [a], roles: [], handover: stop }", "/spec/components/sections/0/handover", "no role leads" },
        { "{ match: [a], handover: stop, switchover: { on: to, command: [x] } }", "/spec/components/sections/0/handover", "only one of them" },
        { "{ match: [a], handover: run }", "/spec/components/sections/0/handover", "'run'" },
        { "{ match: [a], lag: { maxSeconds: 1 } }", "/spec/components/sections/0/lag", "no probe reads seconds" },
        { "{ match: [a], stages: [] }", "/spec/components/sections/0/stages", "empty" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Read_WrongSection_SaysWhereAndWhy(string sections, string path, string says)
    {
        var read = ProfileReader.Read(Profile(sections), "test.yaml");

        Assert.False(read.Ok);
        var error = read.Refusal.Errors.FirstOrDefault(e => e.Path == path);
        Assert.True(error is not null, string.Join("; ", read.Refusal.Errors.Select(e => $"{e.Path}: {e.Message}")));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal(13, error.Line);
    }

    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("*mongos*", "mongos", true)]
    [InlineData("*mongos*", "my-mongos-2", true)]
    [InlineData("mongos", "mongos-2", false)]
    [InlineData("a.b", "axb", false)]
    [InlineData("conf*r", "config-server", true)]
    [InlineData("conf*r", "config-servers", false)]
    public void NamePattern_StarStandsForAnythingAllElseForItself(string pattern, string name, bool matches) => Assert.Equal(matches, NamePattern.Matches(pattern, name));
}
