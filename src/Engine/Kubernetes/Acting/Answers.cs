using System.Collections.Immutable;
using System.Net;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>What an API server's refusal means for an act.</summary>
internal static class Answers
{
    /// <param name="what">The act in the infinitive: <c>hold StatefulSet demo/orders-a</c>.</param>
    public static ActResult Failure(ApiAnswer answer, string what, string verb, string resource, string ns) => answer.Code switch
    {
        0 => ActResult.Unknown($"Asked to {what}; no answer came ({answer.Message.TrimEnd('.')})."),
        HttpStatusCode.Forbidden => Forbidden(what, verb, resource, ns, answer.Message),
        HttpStatusCode.Unauthorized => ActResult.NotNow($"The API server does not accept our credentials now, so nobody could {what}: {answer.Message}"),
        HttpStatusCode.NotFound => ActResult.Refused($"Nobody can {what}: it does not exist any more."),
        HttpStatusCode.Conflict => ActResult.NotNow($"Somebody else wrote at the same moment; to {what} has to be tried again."),
        HttpStatusCode.TooManyRequests => ActResult.NotNow($"The API server is too busy to {what}: {answer.Message}"),
        HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => ActResult.Refused($"The API server will not {what}: {answer.Message}"),
        // A 5xx may come from a proxy after the server has done it.
        _ => ActResult.Unknown($"Asked to {what}; the server answered {(int)answer.Code}: {answer.Message}"),
    };

    public static ActResult Forbidden(string what, string verb, string resource, string ns, string message) =>
        new(ActStatus.Refused, new Reason($"Not permitted to {what}: Rollcall's role needs the verb {verb} on {resource} in namespace {ns}.")
        {
            Next = "Grant it (deploy/ has the manifest), then press Retry.",
            Evidence = [new Evidence("API server", message, "403", default)],
        });

    public static ActResult ForeignOwner(string what, Custody custody) => new(ActStatus.Refused, new Reason(
        $"Nobody here may {what}: it is held by {custody.Owner} (run {custody.Run}){(custody.Since is { } since ? $" since {since:yyyy-MM-dd HH:mm} UTC" : "")}.", "ObligationsRestored")
    {
        Next = "That Rollcall must release it first; if it is gone for good, release the cluster by hand.",
    });

    public static ActResult NotHeld(string what) =>
        ActResult.Refused($"Nobody here may {what} now: it is not held by this run any more, so its controller could move others at the same time.", "ObligationsRestored");

    /// <summary>Several writes as one answer: the worst one speaks.</summary>
    public static ActResult Together(IReadOnlyList<ActResult> results, string done)
    {
        foreach (var status in (ReadOnlySpan<ActStatus>)[ActStatus.Refused, ActStatus.Failed, ActStatus.Unknown, ActStatus.NotNow])
            if (results.FirstOrDefault(r => r.Status == status) is { } worst)
                return worst;
        return results.Count == 1 ? results[0] : ActResult.Accepted(done);
    }
}
