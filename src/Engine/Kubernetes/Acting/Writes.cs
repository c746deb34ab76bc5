using System.Net;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Api;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>What to do with an object that was just read: nothing more (the answer is known), or this patch.</summary>
internal readonly record struct Intention(ActResult? Known, object? Patch, string PatchType, string Done)
{
    public static Intention Is(ActResult known) => new(known, null, "", "");
    public static Intention Merge(object patch, string done) => new(null, patch, KubernetesConnection.MergePatch, done);
    public static Intention Json(object patch, string done) => new(null, patch, KubernetesConnection.JsonPatch, done);
}

/// <summary>Read, judge, write with the version that was read; again from the start when somebody was quicker.</summary>
internal sealed class Writes(KubernetesConnection connection)
{
    private const int Attempts = 4;

    public async Task<ActResult> PatchAsync(KubeKind kind, string ns, string name, string what, Func<KubeObject, Intention> judge, CancellationToken ct)
    {
        var path = kind.Object(ns, name);
        ApiAnswer answer;
        var attempt = 0;
        do
        {
            var read = await connection.GetAsync(path, ct).ConfigureAwait(false);
            if (!read.Ok)
                return read.Unknown ? ActResult.NotNow($"{kind.Kind} {ns}/{name} could not be read to {what}: {read.Message}") : Answers.Failure(read, what, "get", kind.Resource, ns);
            var intention = judge(read.Object);
            if (intention.Known is { } known)
                return known;
            answer = await connection.PatchAsync(path, intention.Patch!, intention.PatchType, ct).ConfigureAwait(false);
            if (answer.Ok)
                return ActResult.Accepted(intention.Done);
        }
        while (++attempt < Attempts && (Outrun(answer) || answer.Code == HttpStatusCode.UnprocessableEntity));
        return Outrun(answer) ? ActResult.NotNow($"{kind.Kind} {ns}/{name} is being written by somebody else all the time; to {what} has to be tried again.") : Answers.Failure(answer, what, "patch", kind.Resource, ns);
    }

    /// <summary>409 for a resourceVersion that moved on; 422 without a word of what is invalid when the <c>test</c> of a JSON Patch failed (newer servers say so).</summary>
    private static bool Outrun(ApiAnswer answer) =>
        answer.Conflict || (answer.Code == HttpStatusCode.UnprocessableEntity
            && (answer.Message.Contains("test", StringComparison.OrdinalIgnoreCase) || !KubeObject.Items(answer.Body, "details", "causes").Any()));
}
