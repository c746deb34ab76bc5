using Rollcall.Engine.Decisions.Rules;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Api;

public static class RulesApi
{
    public static void MapRules(this IEndpointRouteBuilder api) =>
        api.MapGet("/rules", () => RuleCatalogue.All).KeepsScope().WithTags("Rules")
            .WithName("ListRules").WithSummary("Safety rules in plain words")
            .WithDescription("Every rule that allows a step or keeps it waiting: its number in the table of rules (0 for rules of the tool itself), its name as Reasons and findings have it, what it holds to, its default, "
                + "when it is asked, what happens when it says no, and which keys of profile or plan change it.");
}
