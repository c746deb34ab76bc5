using System.Globalization;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>
/// Generated nights, each made from its number alone: a build always runs the same thousand, so that a red build is about what was changed; ROLLCALL_NIGHTS=1000-200000 goes looking for others.
/// A failure names the number and the shape of the smallest night that went wrong.
/// </summary>
public sealed class BadNightTests
{
    private static readonly string?[] Deadlines = [null, "pause", "abort", "rollback", "reject"];

    private static NightShape Shape(int number)
    {
        var random = new Random(unchecked(number * 7919) + 13);
        return new NightShape(number, random.Next(1, 5), random.Next(1, 5), random.Next(1, 4), random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0, Deadlines[random.Next(Deadlines.Length)], random.Next(10, 401));
    }

    private static IEnumerable<int> Numbers()
    {
        var range = (Environment.GetEnvironmentVariable("ROLLCALL_NIGHTS") ?? "1-1000").Split('-');
        var (first, last) = (int.Parse(range[0], CultureInfo.InvariantCulture), int.Parse(range[^1], CultureInfo.InvariantCulture));
        return Enumerable.Range(first, last - first + 1);
    }

    [Fact]
    public void Night_WhateverHappens_PromisesHoldAndThereIsAWayOut()
    {
        var bad = Numbers().AsParallel().Select(Shape).Select(shape => (Shape: shape, Failure: Record.Exception(() => Live(shape)))).Where(night => night.Failure is not null).ToList();
        if (bad.Count == 0)
            return;
        var (smallest, why) = bad.MinBy(night => (night.Shape.Shards * night.Shape.Members, night.Shape.Turns));
        Assert.Fail($"{bad.Count} bad nights: {string.Join(", ", bad.Select(night => night.Shape.Seed).Order().Take(40))}. The smallest is {smallest}: {why}");
    }

    private static void Live(NightShape shape)
    {
        var night = new BadNight(shape);
        night.Go();

        Assert.Empty(night.Cluster.Violations);
        Assert.All(night.Runs, r => Assert.Empty(r.Run.SilentWaits));
        Assert.True(night.Run.Ledger.Terminal, $"{night.Run.Last.State}: {night.Run.Last.Reason?.Text}");
        if (night.Run.Ledger.Final == RunState.Aborted)
        {
            Listed(night);
            if (night.TakeBack() is { } refusal)
            {
                Assert.Fail($"no way back: {refusal}");
            }
            Assert.Empty(night.Cluster.Violations);
        }
        Assert.True(night.Run.Ledger.Final == RunState.Succeeded, $"{night.Run.Last.State}: {night.Run.Last.Reason?.Text}");
        for (var i = 0; i < 60; i++)
            night.Cluster.Pass(TimeSpan.FromSeconds(1)); // who was deleted by somebody else in the last moment comes back
        var version = night.WentBack ? "7.2.4" : "7.2.5";
        Assert.All(night.Cluster.Groups.SelectMany(g => g.Members), m => Assert.Equal((version, true), (m.Version, m.Ready)));
        Assert.All(night.Cluster.Groups, g => Assert.Null(g.HeldBy));
        Assert.All(night.Runs, r => Assert.Empty(BadNight.Owed(r.Run.Ledger)));
        Assert.Empty(night.Cluster.Drained);
        Assert.Equal("running", night.Cluster.Balancer);
        if (shape.Finalise)
            Assert.Equal(version, night.Cluster.Level);
    }

    [Fact]
    public void Night_SameNumber_SameJournalToTheLetter() => Assert.All(Numbers().Take(50), number =>
    {
        var (once, twice) = (new BadNight(Shape(number)), new BadNight(Shape(number)));
        once.Go();
        twice.Go();
        Assert.Equal(once.Protocol(), twice.Protocol());
    });

    /// <summary>An aborted run says what it leaves: what is held on the cluster, what is owed in its ledger, and why in words.</summary>
    private static void Listed(BadNight night)
    {
        var ledger = night.Run.Ledger;
        Assert.False(string.IsNullOrWhiteSpace(ledger.FinalReason?.Text));
        if (night.Cluster.Groups.Any(g => g.HeldBy is not null))
            Assert.Contains("held", ledger.FinalReason.Text, StringComparison.Ordinal);
        if (night.Cluster.Balancer != "running")
            Assert.Contains(BadNight.Owed(ledger), o => o.Kind == "Mover");
        foreach (var drained in night.Cluster.Drained)
            Assert.Contains(BadNight.Owed(ledger), o => o.Kind == "Drain" && o.Object.Contains(drained, StringComparison.Ordinal));
    }
}
