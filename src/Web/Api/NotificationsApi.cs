using System.Collections.Immutable;
using Rollcall.Engine.Notifying;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Api;

/// <summary>Where notifications go and how the last ones fared.</summary>
/// <param name="Deliveries">Newest first. State is Waiting (to be sent, or again), Delivered, or Dead (given up).</param>
public sealed record NotificationsAnswer(NoticeTarget Target, ImmutableArray<NoticeView> Deliveries);

public static class NotificationsApi
{
    public const int UsualDeliveries = 50;

    public static void MapNotifications(this IEndpointRouteBuilder api)
    {
        api.MapGet("/notifications", async (Notices notices, CancellationToken ct, int limit = UsualDeliveries) => limit is < 1 or > Notices.MostListed
                ? Answers.Of(new Refusal(RefusalKind.Invalid, "The limit is out of range.") { Errors = [new SpecError("/limit", 0, $"{limit} deliveries cannot be asked for at once.", [$"1 to {Notices.MostListed}"])] })
                : Results.Ok(new NotificationsAnswer(notices.Target, await notices.LatestAsync(limit, ct))))
            .RequireAuthorization(Caller.Admin).WithTags("Notifications").WithName("ListNotifications").WithSummary("Where notifications go, and how the last ones fared")
            .Produces<NotificationsAnswer>().Refuses(400, 403).WithDescription("The target is shown without its path and without secrets.");

        api.MapPost("/notifications:test", async (Notices notices, HttpContext context) => Answers.Of(await notices.TestAsync(context.AccessCaller()), sent => Results.Accepted((string?)null, sent)))
            .RequireAuthorization(Caller.Admin).WithTags("Notifications").WithName("TestNotifications").WithSummary("Send a test").Produces<NoticeView>(202).Refuses(403, 409)
            .WithDescription("It goes the way of all others: signed, tried again. Ask for the list to see how it fared.");

        api.MapPost("/notifications/{id}:send-again", async (string id, Notices notices, HttpContext context) => Answers.Of(await notices.SendAgainAsync(id, context.AccessCaller()), _ => Results.Accepted()))
            .RequireAuthorization(Caller.Admin).WithTags("Notifications").WithName("SendNotificationAgain").WithSummary("Send one that was given up again").Produces(202).Refuses(403, 404, 409)
            .WithDescription("Under its own key: a receiver that did take it drops it.");
    }
}
