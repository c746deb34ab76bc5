using CsCheck;
using Rollcall.Engine.Decisions.Scheduling;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Scheduling;

public sealed class WindowClockTests
{
    private static WindowStanding At(string now, string cron = "0 2 * * *", double hours = 2, string zone = "Europe/Berlin") =>
        WindowClock.Of(new WindowSpec(cron, TimeSpan.FromHours(hours), zone)).At(Utc(now));

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text + "Z", System.Globalization.CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("2026-11-22 00:59:59", false, "2026-11-22 01:00")]
    [InlineData("2026-11-22 01:00:00", true, "2026-11-22 03:00")]
    [InlineData("2026-11-22 02:59:59", true, "2026-11-22 03:00")]
    [InlineData("2026-11-22 03:00:00", false, "2026-11-23 01:00")]
    [InlineData("2026-07-01 00:00:00", true, "2026-07-01 02:00")]
    public void At_NightlyWindowInBerlin_OpensAndClosesToTheSecond(string now, bool open, string changes) => Assert.Equal(new WindowStanding(open, Utc(changes)), At(now));

    /// <summary>On 29 March 2026 Berlin's clocks go from 02:00 to 03:00: the window opens at once, and two hours stay two hours.</summary>
    [Fact]
    public void At_TheHourThatDoesNotExist_OpensAtTheNextValidOne()
    {
        Assert.Equal(new WindowStanding(false, Utc("2026-03-29 01:00")), At("2026-03-29 00:59"));
        Assert.Equal(new WindowStanding(true, Utc("2026-03-29 03:00")), At("2026-03-29 01:00"));
    }

    /// <summary>On 25 October 2026 02:00 comes twice: the window opens once, the first time.</summary>
    [Fact]
    public void At_TheHourThatComesTwice_OpensOnce()
    {
        Assert.Equal(new WindowStanding(true, Utc("2026-10-25 02:00")), At("2026-10-25 00:00"));
        Assert.Equal(new WindowStanding(false, Utc("2026-10-26 01:00")), At("2026-10-25 02:00"));
    }

    [Fact]
    public void At_WindowsThatTouch_AreOne()
    {
        Assert.Equal(new WindowStanding(true, Utc("2026-11-22 14:00")), At("2026-11-22 08:30", "0 8,10,12 * * *", 2, "UTC"));
        Assert.True(At("2026-11-22 08:30", "0 * * * *", 1, "UTC").Open);
    }

    [Fact]
    public void At_AnyMoment_AgreesWithCountingMinutes() => Gen.Select(Gen.Int[0, 59], Gen.Int[0, 23], Gen.Int[1, 2000], Gen.Int[0, 20_000]).Sample((minute, hour, length, later) =>
    {
        var window = new WindowSpec($"{minute} {hour} * * *", TimeSpan.FromMinutes(length), "UTC");
        var now = Make.Noon.AddMinutes(later).AddSeconds(7);
        // It is open when one of the last days' openings is not over yet.
        var open = Enumerable.Range(0, 3).Select(d => new DateTimeOffset(now.Date, TimeSpan.Zero).AddDays(-d).AddHours(hour).AddMinutes(minute)).Any(o => o <= now && now < o.AddMinutes(length));
        var standing = WindowClock.Of(window).At(now);
        Assert.Equal(open, standing.Open);
        Assert.True(standing.Changes > now);
    }, iter: 500);

    [Theory]
    [InlineData("0 2 * *", "UTC", "cron")]
    [InlineData("0 2 30 2 *", "UTC", "never fires")]
    [InlineData("0 2 * * *", "Europe/Atlantis", "time zone")]
    public void TryRead_WhatCannotBe_IsRefusedWithWhatIs(string cron, string zone, string says)
    {
        Assert.False(WindowClock.TryRead(new WindowSpec(cron, TimeSpan.FromHours(1), zone), out _, out var problem));
        Assert.Contains(says, problem);
    }

    [Theory]
    [InlineData(30, "under a minute", 30)]
    [InlineData(90, "2 min", 30)]
    [InlineData(11_520, "3 h 12 min", 60)]
    [InlineData(7_200, "2 h", 60)]
    [InlineData(187_200, "2 days 4 h", 3600)]
    public void Left_IsSaidRoundedUp_AndAnewWhenItChanges(int seconds, string said, int refreshIn)
    {
        Assert.Equal(said, WindowText.Left(TimeSpan.FromSeconds(seconds)));
        Assert.Equal(Make.Noon.AddSeconds(refreshIn), WindowText.Refresh(Make.Noon.AddSeconds(seconds), Make.Noon));
    }
}
