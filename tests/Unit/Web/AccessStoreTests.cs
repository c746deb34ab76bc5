using Microsoft.Extensions.Time.Testing;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Configuration;
using Xunit;

namespace Rollcall.Unit.Web;

public sealed class AccessStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-access-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
    private readonly AccessStore _store;

    public AccessStoreTests() => _store = Open();

    [Fact]
    public void Redeem_FirstTime_GivesASession_SecondTime_IsUsed()
    {
        var (_, token) = Mint();

        var (first, session) = _store.Redeem(token, TimeSpan.FromHours(1));
        var (second, nobody) = _store.Redeem(token, TimeSpan.FromHours(1));

        Assert.Equal((RedeemOutcome.SignedIn, RedeemOutcome.Used), (first, second));
        Assert.Equal("Ann", session!.Name);
        Assert.Null(nobody);
    }

    [Fact]
    public void Peek_AnyNumberOfTimes_DoesNotUseTheLinkUp()
    {
        var (_, token) = Mint();
        for (var i = 0; i < 3; i++)
            Assert.Equal("open", _store.Peek(token)!.StateAt(_time.GetUtcNow()));
        Assert.Equal(RedeemOutcome.SignedIn, _store.Redeem(token, TimeSpan.FromHours(1)).Outcome);
    }

    [Fact]
    public void Redeem_AfterItsTime_IsExpired()
    {
        var (_, token) = Mint();
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(RedeemOutcome.Expired, _store.Redeem(token, TimeSpan.FromHours(1)).Outcome);
    }

    [Fact]
    public void Redeem_AfterItWasTakenBack_IsExpired()
    {
        var (link, token) = Mint();
        Assert.True(_store.RevokeLink(link.Id));
        Assert.Equal(RedeemOutcome.Expired, _store.Redeem(token, TimeSpan.FromHours(1)).Outcome);
        Assert.False(_store.RevokeLink(link.Id));
    }

    [Fact]
    public void File_HoldsNoToken_AndOnlyItsOwnerReadsIt()
    {
        var (_, token) = Mint();
        var file = Path.Combine(_folder, "access.json");
        Assert.DoesNotContain(token, File.ReadAllText(file), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void Reopened_KeepsSessionsAndSpentLinks()
    {
        var (_, token) = Mint();
        var session = _store.Redeem(token, TimeSpan.FromHours(1)).Session!;

        using var again = Open();

        Assert.NotNull(again.Live(session.Id));
        Assert.Equal(RedeemOutcome.Used, again.Redeem(token, TimeSpan.FromHours(1)).Outcome);
    }

    [Fact]
    public void Session_EndsByTime_AndByHand()
    {
        var first = _store.Redeem(Mint().Token, TimeSpan.FromHours(1)).Session!;
        var second = _store.Redeem(Mint().Token, TimeSpan.FromHours(2)).Session!;
        var ended = _store.WhenEnded(second.Id);

        Assert.False(ended.IsCancellationRequested);
        Assert.True(_store.EndSession(second.Id));

        Assert.True(ended.IsCancellationRequested);
        Assert.Null(_store.Live(second.Id));
        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.Null(_store.Live(first.Id));
    }

    [Fact]
    public void Mint_TheSameNameInAnotherSpelling_IsTheSamePerson()
    {
        Mint();
        var (link, _) = _store.Mint("aNN", [Caller.Approver], [], TimeSpan.FromMinutes(5), "admin");
        Assert.Equal("Ann", link.Name);
    }

    [Fact]
    public void EndPerson_EndsSessionsAndOpenLinks_OfThatPersonOnly()
    {
        var ann = _store.Redeem(Mint().Token, TimeSpan.FromHours(1)).Session!;
        var open = Mint();
        var bob = _store.Redeem(_store.Mint("Bob", [Caller.Viewer], [], TimeSpan.FromMinutes(5), "admin").Token, TimeSpan.FromHours(1)).Session!;

        Assert.Equal(1, _store.EndPerson("ann"));

        Assert.Null(_store.Live(ann.Id));
        Assert.NotNull(_store.Live(bob.Id));
        Assert.Equal(RedeemOutcome.Expired, _store.Redeem(open.Token, TimeSpan.FromHours(1)).Outcome);
    }

    [Theory]
    [InlineData("{", "not readable")]
    [InlineData("""{"format": 99}""", "another version")]
    public void Open_AFileItDoesNotUnderstand_RefusesAndLeavesItAlone(string content, string says)
    {
        var file = Path.Combine(_folder, "access.json");
        File.WriteAllText(file, content);
        var refusal = Assert.Throws<UsageException>(Open);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(file));
    }

    [Theory]
    [InlineData("Ann", "Ann")]
    [InlineData("  Ann   Lee ", "Ann Lee")]
    [InlineData("ann@example.org", "ann@example.org")]
    [InlineData("rollcall", null)]
    [InlineData("API-Token", null)]
    [InlineData("", null)]
    [InlineData("a\nb", null)]
    [InlineData("<b>", null)]
    public void PersonName_Normalised(string given, string? expected) => Assert.Equal(expected, PersonName.Normalise(given));

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private (LinkRecord Link, string Token) Mint() => _store.Mint("Ann", [Caller.Operator], ["dba"], TimeSpan.FromMinutes(10), "admin");

    private AccessStore Open() => new(new AccessFile(Path.Combine(_folder, "access.json")), _time);
}
