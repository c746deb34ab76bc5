using System.Collections.Immutable;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;
using MudBlazor;
using MudBlazor.Services;
using Rollcall.Web.Components.Controls;
using Rollcall.Web.Components.Dialogs;
using Rollcall.Web.Model.Composing;
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
    public async Task Thread_ClaimsBypassAndRejection_AreSaidInWords()
    {
        await using var context = new BunitContext();
        var gate = Samples.Gate(GateState.Bypassed, approvals: Samples.Approval("olaf", "dba,sre") with { Self = true, ByLink = true }) with
        {
            Comments = [new GateComment("bob", Samples.T0, "<img src=x>")], Bypass = new GateBypass("root", Samples.T0, "site down"),
        };
        var panel = context.Render<GatePanel>(p => p.Add(c => c.Run, Samples.Run()).Add(c => c.Gate, gate).Add(c => c.Caller, Samples.Viewer));

        Assert.Contains("root bypassed this gate", panel.Find(".glass").TextContent, StringComparison.Ordinal);
        Assert.Contains("site down", panel.Find(".glass").TextContent, StringComparison.Ordinal);
        Assert.Equal("<img src=x>", panel.Find(".thread .said").TextContent);
        Assert.Empty(panel.FindAll("img"));
        var given = panel.Find(".given li").TextContent;
        Assert.Contains("olaf for dba, sre", given, StringComparison.Ordinal);
        Assert.Contains("by link", given, StringComparison.Ordinal);
        Assert.Contains("their own plan or run", given, StringComparison.Ordinal);
        var banner = context.Render<BypassBanner>(p => p.Add(c => c.Gates, [gate, Samples.Gate()]));
        Assert.Contains("root bypassed the gate before “rest” with 1 of 2 approvals", Assert.Single(banner.FindAll(".bypass")).TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claim_IsOfferedAndTakenBack_AndOthersSeeIt()
    {
        await using var context = new BunitContext();
        var acts = new List<GateVerb>();
        var gate = Samples.Gate() with { Claims = [new GateClaim("bob", Samples.T0)] };
        var panel = context.Render<GatePanel>(p => p.Add(c => c.Run, Samples.Run()).Add(c => c.Gate, gate).Add(c => c.Caller, Samples.Approver()).Add(c => c.OnAct, act =>
        {
            acts.Add(act.Verb);
            return Task.FromResult(true);
        }));

        Assert.Contains("bob looks at it", panel.Find(".claims").TextContent, StringComparison.Ordinal);
        await panel.Find("button[aria-pressed=false]").ClickAsync();
        panel.Render(p => p.Add(c => c.Gate, gate with { Claims = [new GateClaim("ann", Samples.T0)] }));
        await panel.Find("button[aria-pressed=true]").ClickAsync();

        Assert.Equal([GateVerb.Claim, GateVerb.Unclaim], acts);
    }

    [Fact]
    public async Task Reminded_SaysThatTimeRunsOut()
    {
        await using var context = new BunitContext();
        var gate = Samples.Gate() with { Deadline = Samples.T0.AddHours(1), OnDeadline = "reject" };
        var panel = context.Render<GatePanel>(p => p.Add(c => c.Run, Samples.Run()).Add(c => c.Gate, gate).Add(c => c.Caller, Samples.Viewer));

        Assert.DoesNotContain("Time runs out", panel.Markup, StringComparison.Ordinal);
        Assert.Equal("countdown", panel.Find(".deadline rc-time").GetAttribute("mode"));
        panel.Render(p => p.Add(c => c.Gate, gate with { RemindedAt = Samples.T0.AddMinutes(30) }));
        Assert.Contains("Time runs out: counts as rejected", panel.Find(".deadline").TextContent, StringComparison.Ordinal);
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
    public async Task Errors_GoToTheEditorWithTheirLine_AndAreListedWithWhatIsAllowed()
    {
        await using var context = new BunitContext();
        var (module, _) = Editor(context);
        var editor = context.Render<YamlEditor>(p => p.Add(c => c.Text, "a: 1\nb: 2\n")
            .Add(c => c.Errors, [new SpecError("/b", 2, "'b' is unknown.", ["a", "c"])]).Add(c => c.Marks, [new EditorMark(2, "error", "'b' is unknown.")]));

        Assert.Equal(new EditorMark(2, "error", "'b' is unknown."), Assert.Single(Assert.IsType<ImmutableArray<EditorMark>>(Assert.Single(module.Invocations["setMarks"]).Arguments[0])));
        Assert.Contains("Line 2: 'b' is unknown.", editor.Find("#yaml-errors").TextContent, StringComparison.Ordinal);
        Assert.Contains("Allowed: a, c.", editor.Find("#yaml-errors").TextContent, StringComparison.Ordinal);
        await editor.Find("button.line").ClickAsync();
        Assert.Equal(2, Assert.Single(module.Invocations["goTo"]).Arguments[0]);
    }

    [Fact]
    public async Task Typed_IsHandedOn_AndNotSentBack()
    {
        await using var context = new BunitContext();
        var (module, root) = Editor(context);
        var heard = new List<string>();
        var editor = context.Render<YamlEditor>(p => p.Add(c => c.Text, "a: 1").Add(c => c.TextChanged, heard.Add));
        Assert.Contains("\"text\":\"a: 1\"", System.Text.Json.JsonSerializer.Serialize(Assert.Single(root.Invocations["create"]).Arguments[1]), StringComparison.Ordinal);

        await editor.InvokeAsync(() => editor.Instance.TypedAsync("a: 12"));
        editor.Render(p => p.Add(c => c.Text, "a: 12"));
        Assert.Equal(["a: 12"], heard);
        Assert.Empty(module.Invocations["setText"]);

        editor.Render(p => p.Add(c => c.Text, "b: 1").Add(c => c.Revision, 1));
        Assert.Equal("b: 1", Assert.Single(module.Invocations["setText"]).Arguments[0]);
    }

    /// <summary>Over a slow connection pages are drawn later than keys arrive: what is drawn then is older than the editor, and must not be written over it.</summary>
    [Fact]
    public async Task Typed_FasterThanThePageIsDrawn_IsNotWrittenOverByWhatIsOlder()
    {
        await using var context = new BunitContext();
        var (module, _) = Editor(context);
        var editor = context.Render<YamlEditor>(p => p.Add(c => c.Text, "a: 1"));
        await editor.InvokeAsync(() => editor.Instance.TypedAsync("a: 12"));
        await editor.InvokeAsync(() => editor.Instance.TypedAsync("a: 123"));

        editor.Render(p => p.Add(c => c.Errors, [])); // drawn with the text before the first key
        editor.Render(p => p.Add(c => c.Text, "a: 12"));
        Assert.Empty(module.Invocations["setText"]);
    }

    /// <summary>Found by a browser test under load: a tab that was left before its editor had come took the whole page down.</summary>
    [Fact]
    public async Task Left_BeforeTheEditorHasCome_IsNoFault()
    {
        await using var context = new BunitContext();
        var browser = new LateBrowser();
        context.Services.AddSingleton<IJSRuntime>(browser);
        context.Render<YamlEditor>(p => p.Add(c => c.Text, "a: 1"));

        await context.DisposeComponentsAsync();
        browser.Creating.SetException(new JSException("Cannot read properties of null (reading 'classList')"));

        await context.Renderer.Dispatcher.InvokeAsync(() => { });
        Assert.False(context.Renderer.UnhandledException.IsCompleted);
    }

    [Fact]
    public async Task Create_ThatFailsWhileItIsWanted_IsAFault()
    {
        await using var context = new BunitContext();
        var browser = new LateBrowser();
        context.Services.AddSingleton<IJSRuntime>(browser);
        context.Render<YamlEditor>(p => p.Add(c => c.Text, "a: 1"));

        browser.Creating.SetException(new JSException("The module is broken."));

        Assert.Equal("The module is broken.", (await context.Renderer.UnhandledException).Message);
    }

    /// <summary>A browser whose module is there at once and takes its time to create.</summary>
    private sealed class LateBrowser : IJSRuntime, IJSObjectReference
    {
        public TaskCompletionSource Creating { get; } = new();

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args) => InvokeAsync<TValue>(identifier, CancellationToken.None, args);

        public async ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args)
        {
            if (identifier == "create")
                await Creating.Task;
            return this is TValue value ? value : default!;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private static (BunitJSModuleInterop Editor, BunitJSModuleInterop Root) Editor(BunitContext context)
    {
        var root = context.JSInterop.SetupModule("./js/yaml-editor.js");
        var editor = root.SetupModule("create", _ => true);
        foreach (var name in (string[])["setText", "setMarks", "goTo", "dispose"])
            editor.SetupVoid(name, _ => true).SetVoidResult();
        return (editor, root);
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
        Assert.Equal(new RollbackChoice("latency doubled", null), await answer);
    }

    [Fact]
    public async Task OneShard_IsPreviewedAnewAndReturned_WithWhoLeadsNowAndAfter()
    {
        await using var context = Mud();
        var way = new WayBack { Alone = ["redis/a", "redis/b"], Leaders = [new LeaderChange("redis", "a", "a-1", "a-0", 1)], CannotUndo = ["Writes since the switchover of redis/a stay."], PauseSeconds = 5 };
        var asked = new List<string?>();
        var (provider, answer) = await OpenAsync(context, Samples.Run(), only =>
        {
            asked.Add(only);
            return Samples.Plan() with { WayBack = way };
        });
        provider.WaitForAssertion(() => Assert.Contains("Writes since the switchover", provider.Markup, StringComparison.Ordinal));
        Assert.Equal(["a", "a-1", "a-0", "1"], provider.FindAll(".leaders td").Select(td => td.TextContent));
        Assert.Contains("not known to Rollcall", provider.Markup, StringComparison.Ordinal);

        await provider.Find("#rollback-scope").ChangeAsync("redis/b");
        provider.WaitForAssertion(() => Assert.Contains("The other shards stay as they are", provider.Markup, StringComparison.Ordinal));
        await provider.Find("button.solid").ClickAsync();

        Assert.Equal([null, "redis/b"], asked);
        Assert.Equal("redis/b", (await answer)!.Only);
    }

    private static BunitContext Mud()
    {
        var context = new BunitContext();
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        context.Services.AddMudServices();
        return context;
    }

    private static async Task<(IRenderedComponent<MudDialogProvider> Provider, Task<RollbackChoice?> Answer)> OpenAsync(BunitContext context, RunView run, Result<PlanView> preview) => await OpenAsync(context, run, _ => preview);

    private static async Task<(IRenderedComponent<MudDialogProvider> Provider, Task<RollbackChoice?> Answer)> OpenAsync(BunitContext context, RunView run, Func<string?, Result<PlanView>> preview)
    {
        context.Render<MudPopoverProvider>();
        var provider = context.Render<MudDialogProvider>();
        var dialogs = context.Services.GetRequiredService<IDialogService>();
        Task<RollbackChoice?> answer = Task.FromResult<RollbackChoice?>(null);
        await provider.InvokeAsync(() => { answer = RollbackDialog.AskAsync(dialogs, run, only => Task.FromResult(preview(only))); });
        return (provider, answer);
    }
}
