using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Execution;

public sealed class TemplateTests
{
    private static readonly Caller Olga = new("olga", [Caller.Operator], []);
    private static readonly Caller Vic = new("vic", [Caller.Viewer], []);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Document(string cluster = "orders") => $"""
        # two people look at it
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: {"{"} name: careful, namespace: demo {"}"}
        spec:
          target: {"{"} kind: StatefulSetGroup, name: {cluster} {"}"}
          changes: [ {"{"} component: redis, serviceVersion: 8.0.1 {"}"} ]
        """;

    [Fact]
    public async Task Save_ThenAgain_IsAConflictUntilItReplaces_AndStandsInTheAudit()
    {
        await using var bench = await new Bench().StartAsync();
        var first = await bench.Rollouts.SaveTemplateAsync(" Careful ", Document(), replace: false, Olga);
        Assert.True(first.Ok, first.Refusal?.Message);
        Assert.Equal(("Careful", "olga", Document()), (first.Value.Name, first.Value.CreatedBy, first.Value.Spec));

        var again = await bench.Rollouts.SaveTemplateAsync("careful", Document(), replace: false, Olga);
        Assert.Equal(RefusalKind.Conflict, again.Refusal?.Kind);
        Assert.Equal(first.Value.Id, Assert.Single(await bench.Rollouts.TemplatesAsync(Ct)).Id);

        var replaced = await bench.Rollouts.SaveTemplateAsync("careful", Document(), replace: true, Olga);
        Assert.Equal(replaced.Value!.Id, Assert.Single(await bench.Rollouts.TemplatesAsync(Ct)).Id);
        Assert.True((await bench.Rollouts.DeleteTemplateAsync(replaced.Value.Id, Olga)).Ok);
        Assert.Empty(await bench.Rollouts.TemplatesAsync(Ct));
        Assert.Equal(RefusalKind.NotFound, (await bench.Rollouts.DeleteTemplateAsync(replaced.Value.Id, Olga)).Refusal?.Kind);

        var audit = await bench.Audit.FindAsync(new AuditFilter(Actor: "olga"), null, 10, Ct);
        Assert.Equal(["delete-template template careful", "save-template template careful", "save-template template Careful"], audit.Entries.Select(e => $"{e.Action} {e.Object}"));
    }

    [Fact]
    public async Task SaveAndDelete_ByAViewer_AreRefused()
    {
        await using var bench = await new Bench().StartAsync();
        var kept = await bench.Rollouts.SaveTemplateAsync("a", Document(), replace: false, Olga);
        Assert.Equal(RefusalKind.Forbidden, (await bench.Rollouts.SaveTemplateAsync("b", Document(), replace: false, Vic)).Refusal?.Kind);
        Assert.Equal(RefusalKind.Forbidden, (await bench.Rollouts.DeleteTemplateAsync(kept.Value!.Id, Vic)).Refusal?.Kind);
        Assert.Single(await bench.Rollouts.TemplatesAsync(Ct));
    }

    [Theory]
    [InlineData("", "1 to 80")]
    [InlineData("two\nlines", "one line")]
    public async Task Save_NameThatIsNone_IsRefused(string name, string why)
    {
        await using var bench = await new Bench().StartAsync();
        Assert.Contains(why, (await bench.Rollouts.SaveTemplateAsync(name, Document(), replace: false, Olga)).Refusal?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Save_WhatIsNoPlan_NamesTheLine()
    {
        await using var bench = await new Bench().StartAsync();
        var saved = await bench.Rollouts.SaveTemplateAsync("x", Document() + "\n  stagez: []\n", replace: false, Olga);
        Assert.Contains(saved.Refusal!.Errors, e => e.Line == 8);
        var elsewhere = await bench.Rollouts.SaveTemplateAsync("x", Document("nowhere"), replace: false, Olga);
        Assert.Equal(RefusalKind.Invalid, elsewhere.Refusal?.Kind);
    }

    [Fact]
    public async Task Templates_SurviveARestart()
    {
        await using var bench = await new Bench().StartAsync();
        await bench.Rollouts.SaveTemplateAsync("kept", Document(), replace: false, Olga);
        await bench.StopAsync();
        await bench.StartAsync();
        Assert.Equal("kept", Assert.Single(await bench.Rollouts.TemplatesAsync(Ct)).Name);
    }
}
