using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Xunit;

namespace Rollcall.Unit.Architecture;

/// <summary>The walls of the house: Shared ← Engine ← Web; the deciding rooms reach neither Kubernetes nor storage nor the web.</summary>
public sealed class WallTests
{
    private static readonly ArchUnitNET.Domain.Architecture House = new ArchLoader().LoadAssemblies(
        typeof(Rollcall.Shared.ClusterKey).Assembly, typeof(Rollcall.Engine.Decisions.Decider).Assembly, typeof(Rollcall.Simulator.DemoCluster).Assembly, typeof(Rollcall.Web.Model.Durations).Assembly).Build();

    private static string[] Offenders(Func<IType, bool> from, Func<string, bool> to) =>
        [.. House.Types.Where(from).SelectMany(t => t.Dependencies.Where(d => to(d.Target.FullName)).Select(d => $"{t.FullName} -> {d.Target.FullName}")).Distinct().Order()];

    private static Func<IType, bool> In(string ns) => t => t.FullName.StartsWith(ns, StringComparison.Ordinal);

    [Theory]
    [InlineData("Rollcall.Engine.Decisions")]
    [InlineData("Rollcall.Engine.Profiles")]
    public void DecidingRooms_KnowNothingOfTheOutside(string room)
    {
        string[] outside = ["Rollcall.Engine.Kubernetes", "Rollcall.Engine.Storage", "Rollcall.Engine.Execution", "Rollcall.Engine.Topology", "k8s.", "Microsoft.EntityFrameworkCore", "Microsoft.AspNetCore", "System.Net", "System.TimeProvider", "System.Random"];
        Assert.Contains(House.Types, t => In(room)(t));
        Assert.Empty(Offenders(In(room), target => outside.Any(o => target.StartsWith(o, StringComparison.Ordinal))));
    }

    /// <summary>Assemblies: what is not referenced cannot be reached.</summary>
    [Theory]
    [InlineData(typeof(Rollcall.Shared.ClusterKey), "")]
    [InlineData(typeof(Rollcall.Engine.Decisions.Decider), "Rollcall.Shared")]
    [InlineData(typeof(Rollcall.Simulator.DemoCluster), "")]
    public void Assembly_ReferencesOnlyWhatTheHouseAllows(System.Type of, string allowed) =>
        Assert.Equal(allowed.Split(',', StringSplitOptions.RemoveEmptyEntries), of.Assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(n => n.StartsWith("Rollcall.", StringComparison.Ordinal)).Order());

    [Fact]
    public void Engine_DoesNotReachAspNetCore() => Assert.Empty(Offenders(In("Rollcall.Engine"), t => t.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)));

    [Fact]
    public void Simulator_IsReachedFromTheCompositionRootOnly() =>
        Assert.All(Offenders(In("Rollcall.Web"), t => t.StartsWith("Rollcall.Simulator", StringComparison.Ordinal)), o => Assert.True(o.StartsWith("Rollcall.Web.Hosting.", StringComparison.Ordinal) || o.StartsWith("Rollcall.Web.Configuration.StartupFailure ", StringComparison.Ordinal), o));
}
