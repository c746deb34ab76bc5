using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Model.Watching;
using Severity = Rollcall.Shared.Severity;

namespace Rollcall.Web.Components.Pages;

/// <summary>
/// What a signed link to a gate opens: one page without a circuit, for somebody who may have no other way in. Showing it does not use the link up, because chat programs and mail scanners look at links too.
/// </summary>
public sealed partial class GateLink
{
    private (RunView Run, GateView Gate, GateInvitationView Invitation)? _open;
    private (string Title, string Text, GateView Gate)? _decided;
    private ImmutableArray<Finding> _findings = [];
    private string _spec = "";
    private string _progress = "";
    private string? _trouble;

    [CascadingParameter] public required HttpContext Context { get; set; }
    [SupplyParameterFromQuery] public string? Token { get; set; }
    [SupplyParameterFromQuery] public string? Outcome { get; set; }
    [Inject] public required GateLinks Links { get; init; }
    [Inject] public required LoginThrottle Throttle { get; init; }
    [Inject] public required Rollouts Rollouts { get; init; }

    protected override async Task OnInitializedAsync()
    {
        if (Throttle.Blocked(Context))
        {
            Trouble("Too many wrong links from your address. Wait a minute.", StatusCodes.Status429TooManyRequests);
            return;
        }
        if (Links.Read(Token) is not { } named)
        {
            Throttle.Failed(Context);
            Trouble("This is not a link of this Rollcall.", StatusCodes.Status400BadRequest);
            return;
        }
        var invited = Rollouts.Invited(named.Run, named.Gate, named.Invitation);
        if (!invited.Ok)
        {
            if (Outcome == "done" && Rollouts.GetRun(named.Run) is { } after && after.Gates.FirstOrDefault(g => g.Name == named.Gate) is { } gate)
                _decided = ("Thank you", $"Your decision is written down. The gate before “{gate.Stage}” of {RunHeading.Title(after, null)} is {gate.State.ToString().ToLowerInvariant()}: {gate.Given} of {gate.Required} approvals.", gate);
            else
                Trouble(invited.Refusal.Message, StatusCodes.Status410Gone);
            return;
        }
        _open = invited.Value;
        _progress = GateStanding.Of(invited.Value.Gate, new Caller(invited.Value.Invitation.Person, [Caller.Approver], invited.Value.Invitation.Groups), readOnly: false).Progress;
        _trouble = Outcome switch
        {
            null => null,
            LoginEndpoints.StaleForm => "This page was open for too long, or the browser keeps no cookies. Try once more.",
            "reason" => "To reject, say why.",
            _ => "Your decision was not taken. Look at what is asked now, and try once more.",
        };
        if (await Rollouts.GetPlanAsync(invited.Value.Run.PlanId, CancellationToken.None) is { } plan)
            (_findings, _spec) = ([.. plan.Findings.Where(f => f.Severity is not Severity.Info)], plan.Spec);
    }

    private void Trouble(string text, int status)
    {
        _trouble = text;
        Context.Response.StatusCode = status;
    }
}
