using CsCheck;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>Thousands of generated nights. A failure names its seed; CsCheck_Seed repeats it, CsCheck_Iter makes it more than the thousand.</summary>
public sealed class BadNightTests
{
    private static readonly Gen<NightShape> Nights = Gen.Select(
        Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[1, 3]),
        Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool),
        Gen.Int[0, 4].Select(i => ((string?[])[null, "pause", "abort", "rollback", "reject"])[i]),
        Gen.Int[10, 400],
        (a, b, onDeadline, turns) => new NightShape(a.Item1, a.Item2, a.Item3, a.Item4, b.Item1, b.Item2, b.Item3, onDeadline, turns));

    [Fact]
    public void Night_WhateverHappens_PromisesHoldAndThereIsAWayOut() => Nights.Sample(shape =>
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
    }, iter: Math.Max(1000, Check.Iter));

    [Fact]
    public void Night_SameSeed_SameJournalToTheLetter() => Nights.Sample(shape =>
    {
        var (once, twice) = (new BadNight(shape), new BadNight(shape));
        once.Go();
        twice.Go();
        Assert.Equal(once.Protocol(), twice.Protocol());
    }, iter: 50);

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
