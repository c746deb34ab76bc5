namespace Rollcall.Shared;

/// <summary>A plan's document kept under a name, to start other plans from. Its cluster and its versions are those of the plan that it was; who opens it gets their own.</summary>
/// <param name="Profile">The engine profile of the cluster that it was written for.</param>
/// <param name="Spec">As its author wrote it. Checked when it is opened: profiles and clusters change.</param>
public sealed record PlanTemplate(string Id, string Name, string Profile, string Spec, string CreatedBy, DateTimeOffset CreatedAt);
