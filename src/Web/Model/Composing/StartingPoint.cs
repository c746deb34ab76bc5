using Rollcall.Engine.Execution;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Composing;

/// <summary>What Compose starts from when it is not the profile: a template, or an earlier plan.</summary>
/// <param name="Id">Of the template or plan; its first letter says which.</param>
/// <param name="Title">As people choose it.</param>
/// <param name="Spec">Its document, as it was written.</param>
public sealed record StartingPoint(string Id, string Title, string Spec)
{
    public static StartingPoint Of(PlanTemplate template)
    {
        ArgumentNullException.ThrowIfNull(template);
        return new(template.Id, $"template “{template.Name}”", template.Spec);
    }

    public static StartingPoint Of(PlanView plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new(plan.Id, $"plan {plan.Name}", plan.Spec);
    }

    /// <summary>
    /// The document for this cluster and its versions, comments kept. One that does not read any more, because keys or rules have changed, is handed on as it is: the editor shows what is wrong with it.
    /// </summary>
    public string For(ComposeDraft draft, Func<string, Result<PlanSpec>> read)
    {
        ArgumentNullException.ThrowIfNull(draft);
        ArgumentNullException.ThrowIfNull(read);
        if (read(Spec) is not { Ok: true, Value: var spec })
            return Spec;
        var fitted = spec with { Name = draft.Spec.Name, Namespace = draft.Spec.Namespace, Target = draft.Spec.Target, Changes = draft.Spec.Changes };
        return YamlComments.Carry(Spec, ComposeYaml.Write(ComposeForm.From(fitted, draft.Cluster, draft.Spec.Stages)));
    }
}
