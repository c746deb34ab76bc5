using System.Reflection;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Unit.Profiles;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

/// <summary>The catalogue, the code and the page of documentation say the same.</summary>
public sealed class RuleCatalogueTests
{
    [Fact]
    public void All_HasTheFortySixInOrder() => Assert.Equal(Enumerable.Range(1, 46), RuleCatalogue.All.Where(r => r.Number > 0).Select(r => r.Number));

    [Fact]
    public void All_NamesAreUniqueAndEverythingIsSaid()
    {
        Assert.Equal(RuleCatalogue.All.Length, RuleCatalogue.All.Select(r => r.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(RuleCatalogue.All, r => Assert.All((string[])[r.Name, r.Statement, r.Default, r.Phase, r.Violation, r.Override], Assert.NotEmpty));
        Assert.All(RuleCatalogue.All, r => Assert.EndsWith(".", r.Statement, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryRuleInTheCode_IsInTheCatalogue()
    {
        var names = typeof(RuleCatalogue).Assembly.GetTypes()
            .Where(t => t.Namespace == typeof(RuleCatalogue).Namespace)
            .SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Where(f => f is { IsLiteral: true, Name: "Name" or "Eject" or "Rule" }).Select(f => (string)f.GetRawConstantValue()!).ToHashSet(StringComparer.Ordinal);

        Assert.True(names.Count > 30);
        Assert.All(names, n => Assert.NotNull(RuleCatalogue.Find(n)));
    }

    [Fact]
    public void Docs_AreWhatTheCatalogueWrites() =>
        Assert.Equal(RuleCatalogue.ToMarkdown(), File.ReadAllText(Path.Combine(Repository.Root, "docs", "rules.md")));

    [Fact]
    public void Enforced_IsWhatTheCodeHas()
    {
        Assert.All(RuleCatalogue.All.Where(r => r.Number is 1 or 4 or 16 or 34 or 44 or 46), r => Assert.True(r.Enforced, r.Name));
        Assert.True(RuleCatalogue.Find(Cooldown.Name)!.Enforced);
        Assert.InRange(RuleCatalogue.All.Count(r => r is { Number: > 0, Enforced: false }), 0, 9);
    }
}
