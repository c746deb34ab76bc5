using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;
using Rollcall.Web.Components.Controls;
using Rollcall.Web.Components.Dialogs;
using Rollcall.Web.Model.Watching;
using Rollcall.Shared;
using Xunit;
using Severity = Rollcall.Shared.Severity;

namespace Rollcall.Components;

public sealed class GatePanelTests
{
    [Fact]
    public async Task Approve_SendsTheHashThatWasOnScreen()
    {
        await using var context = new BunitContext();
        GateAct? decided = null;
        var panel = context.Render<GatePanel>(p => p
            .Add(c => c.Run, Samples.Run(gate: Samples.Gate())).Add(c => c.Gate, Samples.Gate()).Add(c => c.Caller, Samples.Approver("ann", "dba")).Add(c => c.OnAct, act => Task.FromResult((decided = act) is not null)));

        await panel.Find("textarea").InputAsync("ok by me");
        await panel.Find("button.primary").ClickAsync();

        Assert.Equal((GateVerb.Approve, Samples.Hash, "ok by me"), (decided!.Verb, decided.PlanHash, decided.Text));
        Assert.Equal("", panel.Find("textarea").GetAttribute("value") ?? "");
    }

    [Fact]
    public async Task Reject_NeedsAReason()
    {
        await using var context = new BunitContext();
        var panel = context.Render<GatePanel>(p => p.Add(c => c.Run, Samples.Run()).Add(c => c.Gate, Samples.Gate()).Add(c => c.Caller, Samples.Approver()));

        Assert.True(panel.Find("button.danger").HasAttribute("disabled"));
        await panel.Find("textarea").InputAsync("too late in the day");
        Assert.False(panel.Find("button.danger").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Viewer_SeesTheGateAndNoAction()
    {
        await using var context = new BunitContext();
        var panel = context.Render<GatePanel>(p => p.Add(c => c.Run, Samples.Run()).Add(c => c.Gate, Samples.Gate()).Add(c => c.Caller, Samples.Viewer));

        Assert.Empty(panel.FindAll("button"));
        Assert.Contains("approver role", panel.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VoidApproval_IsShownAsVoid_AndMarkupInACommentIsText()
    {
        await using var context = new BunitContext();
        var gate = Samples.Gate(approvals: Samples.Approval("olaf", @void: true) with { Comment = "<script>alert(1)</script>" });
        var panel = context.Render<GatePanel>(p => p.Add(c => c.Run, Samples.Run()).Add(c => c.Gate, gate).Add(c => c.Caller, Samples.Approver()));

        Assert.Contains("void: given to plan 0ld0ld0ld0", panel.Find("li.void").TextContent, StringComparison.Ordinal);
        Assert.Empty(panel.FindAll("script"));
    }
}

public sealed class ReasonBannerTests
{
    [Fact]
    public async Task Null_DrawsNothing()
    {
        await using var context = new BunitContext();
        Assert.Equal("", context.Render<ReasonBanner>(p => p.Add(c => c.Reason, null)).Markup.Trim());
    }

    [Fact]
    public async Task Full_SaysSentenceRuleEvidenceAndNext()
    {
        await using var context = new BunitContext();
        var reason = new Reason("b-0 is 14 s behind, the limit is 10 s.", "ReplicationCaughtUp") { Evidence = [new Evidence("lag of b-0", "14 s", "redis-cli on b-2", Samples.T0)], Deadline = Samples.T0.AddMinutes(5), Next = "b-2 still leads and serves." };
        var banner = context.Render<ReasonBanner>(p => p.Add(c => c.Reason, reason).Add(c => c.Announce, true));

        Assert.Equal("b-0 is 14 s behind, the limit is 10 s.", banner.Find("strong").TextContent);
        var all = banner.Find("section").TextContent;
        Assert.Contains("Rule ReplicationCaughtUp", all, StringComparison.Ordinal);
        Assert.Contains("redis-cli on b-2", all, StringComparison.Ordinal);
        Assert.Contains("b-2 still leads and serves.", all, StringComparison.Ordinal);
        Assert.Equal("status", banner.Find("section").GetAttribute("role"));
    }
}

public sealed class RunActionBarTests
{
    [Fact]
    public async Task DisabledAction_SaysWhyAndDoesNothing()
    {
        await using var context = new BunitContext();
        var asked = 0;
        var bar = context.Render<RunActionBar>(p => p
            .Add(c => c.Actions, [new Rollcall.Web.Model.Watching.RunAction(Rollcall.Web.Model.Watching.RunActionKind.Rollback, "Nothing to take back yet.")]).Add(c => c.OnAsk, _ => asked++));

        var button = bar.Find("button");
        await button.ClickAsync();
        Assert.Equal(("true", "Nothing to take back yet.", 0), (button.GetAttribute("aria-disabled"), button.GetAttribute("title"), asked));
    }

    [Fact]
    public async Task NoActions_SendsNoMarkup()
    {
        await using var context = new BunitContext();
        Assert.Equal("", context.Render<RunActionBar>(p => p.Add(c => c.Actions, [])).Markup.Trim());
    }
}

public sealed class YamlEditorTests
{
    [Fact]
    public async Task Errors_StandBesideTheirLineAndSayWhatIsAllowed()
    {
        await using var context = new BunitContext();
        var editor = context.Render<YamlEditor>(p => p.Add(c => c.Text, "a: 1\nb: 2\n").Add(c => c.Errors, [new SpecError("/b", 2, "'b' is unknown.", ["a", "c"])]));

        Assert.Equal("2", editor.Find(".gutter .wrong").TextContent);
        Assert.Contains("Line 2: 'b' is unknown.", editor.Find("#yaml-errors").TextContent, StringComparison.Ordinal);
        Assert.Contains("Allowed: a, c.", editor.Find("#yaml-errors").TextContent, StringComparison.Ordinal);
    }
}

public sealed class RollbackDialogTests
{
    [Fact]
    public async Task Refused_ShowsWhyAndTheAlternativeAndNoConfirm()
    {
        await using var context = Mud();
        var (provider, _) = await OpenAsync(context, Samples.Run() with { Rollback = new RollbackOutlook(false, "No rollback.", 2, 1, ["a"], "Restore a backup.") },
            new Refusal(RefusalKind.Conflict, "a was switched over; 7.2 cannot read what 8.0 wrote."));

        provider.WaitForAssertion(() => Assert.Contains("7.2 cannot read what 8.0 wrote", provider.Markup, StringComparison.Ordinal));
        Assert.Contains("Restore a backup.", provider.Markup, StringComparison.Ordinal);
        Assert.Empty(provider.FindAll("button.solid"));
    }

    [Fact]
    public async Task Previewed_ShowsOrderAndHandover_AndOneConfirmReturnsTheReason()
    {
        await using var context = Mud();
        var (provider, answer) = await OpenAsync(context, Samples.Run(), Samples.Plan(new Finding(Severity.Warning, "FormatCompatible", "Files may be newer.")));

        provider.WaitForAssertion(() => Assert.Contains("Switch b over from b-0 to b-1", provider.Markup, StringComparison.Ordinal));
        Assert.Contains("Files may be newer.", provider.Markup, StringComparison.Ordinal);
        await provider.Find("#rollback-reason").InputAsync("latency doubled");
        await provider.Find("button.solid").ClickAsync();
        Assert.Equal("latency doubled", await answer);
    }

    private static BunitContext Mud()
    {
        var context = new BunitContext();
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        context.Services.AddMudServices();
        return context;
    }

    private static async Task<(IRenderedComponent<MudDialogProvider> Provider, Task<string?> Answer)> OpenAsync(BunitContext context, RunView run, Result<PlanView> preview)
    {
        context.Render<MudPopoverProvider>();
        var provider = context.Render<MudDialogProvider>();
        var dialogs = context.Services.GetRequiredService<IDialogService>();
        Task<string?> answer = Task.FromResult<string?>(null);
        await provider.InvokeAsync(() => { answer = RollbackDialog.AskAsync(dialogs, run, () => Task.FromResult(preview)); });
        return (provider, answer);
    }
}
