using System.Collections.Immutable;
using Rollcall.Engine.Execution;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Composing;

public enum ComposeTab { Form, Yaml }

/// <summary>The engine's part of composing, as the page hands it in.</summary>
public sealed record ComposeBackend(
    Func<string, Result<PlanSpec>> Read,
    Func<string, CancellationToken, Task<Result<PlanView>>> PreviewAsync,
    Func<string, CancellationToken, Task<Result<PlanView>>> CreateAsync,
    Func<string, CancellationToken, Task<Result<RunView>>> StartAsync);

/// <summary>
/// One document, two faces. The tab in front is the master: the form writes the text on every change; the text becomes the form again only if it reads as a plan, else the form
/// steps back and the text stays untouched. Every change asks for a preview after a short rest; an older answer never overwrites a newer one.
/// </summary>
public sealed class ComposeSession : IAsyncDisposable
{
    /// <summary>Rest after the last key before a preview is asked for.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(300);

    /// <summary>Characters of the longest text that can be written here; a circuit's message holds it in any script.</summary>
    public const int LargestText = 100_000;

    private readonly ComposeDraft _draft;
    private readonly ComposeBackend _backend;
    private readonly TimeProvider _time;
    private readonly Func<Task> _changed;
    private readonly Func<Exception, Task> _fault;
    private CancellationTokenSource _asking = new();
    private Task _asked = Task.CompletedTask;
    private string _formText;
    private (string Text, string PlanId)? _created;

    /// <param name="changed">Called (on whatever thread) when something to show has changed.</param>
    public ComposeSession(ComposeDraft draft, string? text, ComposeBackend backend, TimeProvider time, Func<Task> changed, Func<Exception, Task> fault)
    {
        (_draft, _backend, _time, _changed, _fault) = (draft, backend, time, changed, fault);
        Form = ComposeForm.From(draft.Spec, draft.Cluster, draft.Spec.Stages);
        Text = _formText = ComposeYaml.Write(Form);
        if (text is not null)
        {
            Text = text;
            if (!TryShowInForm())
                Tab = ComposeTab.Yaml;
        }
    }

    public ComposeForm Form { get; private set; }
    public string Text { get; private set; }
    /// <summary>Counts the times that the text was written by something else than the editor.</summary>
    public int Revision { get; private set; }
    public ComposeTab Tab { get; private set; }
    /// <summary>Why the form cannot show the text; null when it does.</summary>
    public Refusal? FormBlocked { get; private set; }
    /// <summary>The last prediction that succeeded; it stays in sight, marked as old, while a newer document is wrong.</summary>
    public PlanView? Preview { get; private set; }
    /// <summary>What is wrong with the present document.</summary>
    public Refusal? Refusal { get; private set; }
    /// <summary>Why it could not be created or started.</summary>
    public Refusal? StartRefusal { get; private set; }
    public bool Asking { get; private set; }
    public bool Starting { get; private set; }
    /// <summary><see cref="Preview"/> belongs to an earlier text.</summary>
    public bool Stale => Asking || Refusal is not null;
    public bool CanStart => Preview is { Blocked: false } && !Stale && !Starting;
    public bool HasComments => YamlComments.Any(Text);

    public ImmutableArray<SpecError> Errors => Refusal?.Errors.IsDefault is false ? Refusal.Errors : [];

    /// <summary>Errors and findings that have a line, worst first on each.</summary>
    public ImmutableArray<EditorMark> Marks =>
    [
        .. Errors.Where(e => e.Line > 0).Select(e => new EditorMark(e.Line, "error", e.Message)),
        .. (Stale || Preview is null ? [] : Preview.Findings).Where(f => f.Line > 0).OrderByDescending(f => f.Severity)
            .Select(f => new EditorMark(f.Line!.Value, f.Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "info" }, f.Message)),
    ];

    /// <summary>Errors and findings at a JSON pointer (or below it, unless <paramref name="exact"/>), in the words of the API.</summary>
    public IEnumerable<(Severity Severity, string Text)> At(string? path, bool exact = false)
    {
        if (path is null)
            yield break;
        foreach (var error in Errors.Where(e => Within(e.Path, path, exact)))
            yield return (Severity.Error, error.Allowed.IsDefaultOrEmpty ? error.Message : $"{error.Message} Allowed: {string.Join(", ", error.Allowed)}.");
        var findings = Refusal is { Findings.IsDefaultOrEmpty: false } ? Refusal.Findings : Stale || Preview is null ? [] : Preview.Findings;
        foreach (var finding in findings.Where(f => Within(f.Path, path, exact)))
            yield return (finding.Severity, finding.Message);
    }

    /// <summary>The form changed: write the document, ask again.</summary>
    public void FormChanged()
    {
        Text = _formText = YamlComments.Carry(Text, ComposeYaml.Write(Form));
        Revision++;
        FormBlocked = null;
        Ask();
    }

    public void TextChanged(string text)
    {
        if (text == Text)
            return;
        Text = text;
        Ask();
    }

    public void Show(ComposeTab tab)
    {
        Tab = tab;
        // Coming back to an unchanged text keeps the form as it was, half-typed values included.
        if (tab is ComposeTab.Form && Text != _formText)
            TryShowInForm();
    }

    /// <summary>Gives up the text that does not read and goes back to the last form.</summary>
    public void DiscardText() => FormChanged();

    /// <summary>Asks for a preview after the rest; call once to begin.</summary>
    public void Ask()
    {
        _asking.Cancel();
        _asking.Dispose();
        _asking = new CancellationTokenSource();
        StartRefusal = null;
        Asking = true;
        _asked = AskAsync(Text, _asking.Token);
    }

    /// <summary>Creates the plan and starts its run. A second call while the first is under way does nothing; a plan created before a refused start is not created twice.</summary>
    public async Task<RunView?> StartAsync(CancellationToken ct)
    {
        if (!CanStart)
            return null;
        Starting = true;
        StartRefusal = null;
        try
        {
            var text = Text;
            if (_created?.Text != text)
            {
                var plan = await _backend.CreateAsync(text, ct);
                if (!plan.Ok)
                {
                    StartRefusal = plan.Refusal;
                    return null;
                }
                _created = (text, plan.Value.Id);
            }
            var run = await _backend.StartAsync(_created.Value.PlanId, ct);
            StartRefusal = run.Refusal;
            return run.Value;
        }
        finally
        {
            Starting = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _asking.CancelAsync();
        await _asked;
        _asking.Dispose();
    }

    private async Task AskAsync(string text, CancellationToken ct)
    {
        try
        {
            await Task.Delay(Rest, _time, ct);
            var result = await _backend.PreviewAsync(text, ct);
            if (ct.IsCancellationRequested)
                return;
            Asking = false;
            Refusal = result.Refusal;
            Preview = result.Ok ? result.Value : Preview;
            await _changed();
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // A newer text asks by itself.
        }
        catch (Exception fault)
        {
            await _fault(fault);
        }
    }

    private bool TryShowInForm()
    {
        var spec = _backend.Read(Text);
        FormBlocked = spec.Refusal;
        if (!spec.Ok)
            return false;
        if (spec.Value.Cluster != _draft.Cluster.Key())
        {
            FormBlocked = new Refusal(RefusalKind.Invalid, $"The document is about {spec.Value.Cluster}; this page composes for {_draft.Cluster.Key()}. Choose that cluster above to see it as a form.");
            return false;
        }
        Form = ComposeForm.From(spec.Value, _draft.Cluster, _draft.Spec.Stages);
        _formText = Text;
        return true;
    }

    private static bool Within(string path, string at, bool exact) => path == at || (!exact && path.StartsWith(at + "/", StringComparison.Ordinal));
}
