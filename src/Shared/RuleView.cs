namespace Rollcall.Shared;

/// <summary>One safety rule in plain words.</summary>
/// <param name="Number">Its row in the table of rules (1 to 46); 0 for rules of the tool itself.</param>
/// <param name="Name">As a Reason names it.</param>
/// <param name="Statement">What it holds to.</param>
/// <param name="Default">What holds where nobody says otherwise.</param>
/// <param name="Phase">When it is asked.</param>
/// <param name="Violation">What happens when it says no.</param>
/// <param name="Override">Keys of profile or plan that change it.</param>
public sealed record RuleView(int Number, string Name, string Statement, string Default, string Phase, string Violation, string Override)
{
    /// <summary>False while this build does not act on it.</summary>
    public bool Enforced { get; init; } = true;
}
