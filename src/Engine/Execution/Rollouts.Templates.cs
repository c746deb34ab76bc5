using System.Collections.Immutable;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

public sealed partial class Rollouts
{
    public const int LongestTemplateName = 80;

    /// <summary>By name.</summary>
    public Task<ImmutableArray<PlanTemplate>> TemplatesAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromResult(_templates.All().Select(View).ToImmutableArray());
    }

    public Task<PlanTemplate?> GetTemplateAsync(string id, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromResult(_templates.Find(id) is { } row ? View(row) : null);
    }

    /// <summary>Keeps a document under a name. It must read as a plan for a cluster in sight; whether it would be allowed there now is asked when it is opened.</summary>
    /// <param name="replace">Take the place of the template with this name; without it that is a conflict.</param>
    public async Task<Result<PlanTemplate>> SaveTemplateAsync(string name, string text, bool replace, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Deny(caller, Caller.Operator, "save templates") is { } denied)
            return Refused(caller, AuditActions.SaveTemplate, "template", denied);
        name = name.Trim();
        if (name.Length is 0 or > LongestTemplateName || name.Any(char.IsControl))
            return new Refusal(RefusalKind.Invalid, $"A template's name has 1 to {LongestTemplateName} characters on one line; this one has {name.Length}.") { Errors = [new SpecError("/name", 0, "Not a name for a template.", [])] };
        var read = _planning.Read(text);
        if (!read.Ok)
            return read.Refusal;
        if (OutOfReach(caller, read.Value.Cluster) is { } outOfReach)
            return Refused(caller, AuditActions.SaveTemplate, $"template {name}", outOfReach);
        var target = Target(read.Value);
        if (!target.Ok)
            return target.Refusal;
        var row = new TemplateRow { Id = Ids.New('t'), Name = name, Key = name.ToUpperInvariant(), Profile = target.Value.Profile, SpecText = text, CreatedBy = caller.Name, CreatedAt = _tools.Time.GetUtcNow() };
        var same = await _templates.SaveAsync(row, replace, AuditEntry.By(caller, AuditActions.SaveTemplate, $"template {name}") with { Cluster = read.Value.Cluster.ToString() });
        return same is null ? View(row) : new Refusal(RefusalKind.Conflict, $"There is a template “{same.Name}” already, by {same.CreatedBy}. Take another name, or replace it.");
    }

    public async Task<Result<PlanTemplate>> DeleteTemplateAsync(string id, Caller caller)
    {
        if (Deny(caller, Caller.Operator, "delete templates") is { } denied)
            return Refused(caller, AuditActions.DeleteTemplate, $"template {id}", denied);
        var gone = _templates.Find(id);
        return gone is not null && await _templates.DeleteAsync(id, AuditEntry.By(caller, AuditActions.DeleteTemplate, $"template {gone.Name}")) ? View(gone) : new Refusal(RefusalKind.NotFound, $"There is no template {id}.");
    }

    private static PlanTemplate View(TemplateRow row) => new(row.Id, row.Name, row.Profile, row.SpecText, row.CreatedBy, row.CreatedAt);
}
