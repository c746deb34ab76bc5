using System.Globalization;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Observing;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>What to create for an action, and how to tell what has become of it.</summary>
/// <param name="What">As a sentence says it: <c>Job demo/r1-save-1</c> without the name.</param>
/// <param name="Body">The object under the name it gets.</param>
/// <param name="Judge">Its end, or null while it goes on.</param>
/// <param name="Look">Reads along while it goes on, and once more at its end.</param>
internal sealed record Errand(KubeKind Kind, Func<string, object> Body, Func<KubeObject, ActResult?> Judge, Func<KubeObject, CancellationToken, Task> Look);

/// <summary>
/// Actions that are objects: created under the name of their run, step and attempt, then followed to their end. An object of that name with our label is the very same attempt, begun by an earlier life:
/// it is followed, never made again.
/// </summary>
internal sealed class Followed(KubernetesConnection connection, TimeProvider time)
{
    /// <summary>How long a watch may say nothing before the object is read again; also how often its words are read.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    public async Task<ActResult> RunAsync(ActionAct act, ActContext context, Errand errand, CancellationToken ct)
    {
        var name = Names.For(context.RunId, act.Step, context.Attempt);
        using var limit = new CancellationTokenSource(act.Spec.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            return await BeginAsync(name, context, errand, either.Token).ConfigureAwait(false) ?? await FollowAsync(name, context, errand, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return ActResult.Failed(string.Create(CultureInfo.InvariantCulture, $"{errand.Kind.Kind} {name} did not end within {act.Spec.Timeout.TotalSeconds:0.#} s; it may still be going on."));
        }
    }

    /// <summary>Marks by which an object is known as this attempt's.</summary>
    public static object Metadata(string name, ActionAct act, ActContext context, params ReadOnlySpan<(string Key, string Value)> labels)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal) { [Marks.Run] = Names.Label(context.RunId), [Marks.Step] = Names.Label(act.Step) };
        foreach (var (key, value) in labels)
            all[key] = value;
        return new
        {
            name,
            @namespace = context.Cluster.Namespace,
            labels = all,
            annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [Marks.Run] = context.RunId, [Marks.Step] = act.Step, [Marks.Owner] = context.Owner },
        };
    }

    private async Task<ActResult?> BeginAsync(string name, ActContext context, Errand errand, CancellationToken ct)
    {
        var ns = context.Cluster.Namespace;
        var what = $"create {errand.Kind.Kind} {ns}/{name}";
        // After a lost answer the object tells whether the request arrived.
        for (var tries = 0; ; tries++)
        {
            var made = await connection.PostAsync(errand.Kind.Collection(ns), errand.Body(name), ct).ConfigureAwait(false);
            if (made.Ok)
                return null;
            if (made.Conflict)
            {
                var read = await connection.GetAsync(errand.Kind.Object(ns, name), ct).ConfigureAwait(false);
                if (read.Ok)
                    return read.Object.Annotation(Marks.Run) == context.RunId ? null : ActResult.Refused($"Nobody can {what}: one of somebody else has the name.");
            }
            else if (!made.Unknown && (int)made.Code < 500)
            {
                return Answers.Failure(made, what, "create", errand.Kind.Resource, ns);
            }
            if (tries >= 3)
                return Answers.Failure(made, what, "create", errand.Kind.Resource, ns);
            await Task.Delay(TimeSpan.FromSeconds(1 << tries), time, ct).ConfigureAwait(false);
        }
    }

    private async Task<ActResult> FollowAsync(string name, ActContext context, Errand errand, CancellationToken ct)
    {
        var path = errand.Kind.Object(context.Cluster.Namespace, name);
        while (true)
        {
            var read = await connection.GetAsync(path, ct).ConfigureAwait(false);
            if (read.NotFound)
                return ActResult.Unknown($"{errand.Kind.Kind} {name} was deleted by somebody before it had ended.");
            if (read.Forbidden)
                return Answers.Failure(read, $"follow {errand.Kind.Kind} {name}", "get", errand.Kind.Resource, context.Cluster.Namespace);
            if (read.Ok)
            {
                await errand.Look(read.Object, ct).ConfigureAwait(false);
                if (errand.Judge(read.Object) is { } end)
                    return end;
            }
            await ChangedAsync(errand.Kind, context.Cluster.Namespace, name, read.Ok ? read.Object.ResourceVersion : "", ct).ConfigureAwait(false);
        }
    }

    /// <summary>Returns at the next event of the object, or after a while of silence.</summary>
    private async Task ChangedAsync(KubeKind kind, string ns, string name, string since, CancellationToken ct)
    {
        using var quiet = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, quiet.Token);
        try
        {
            if (since.Length > 0)
            {
                using var response = await connection.OpenAsync($"{kind.Collection(ns)}?watch=true&fieldSelector=metadata.name%3D{name}&resourceVersion={since}", either.Token).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    await using var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
                    await foreach (var line in WatchLines.ReadAsync(body, static () => { }, either.Token).ConfigureAwait(false))
                    {
                        line.Dispose();
                        return;
                    }
                }
            }
            await Task.Delay(Silence, time, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Silence; it is read again.
        }
        catch (Exception e) when (e is HttpRequestException or IOException or System.Text.Json.JsonException)
        {
            // A watch that broke says nothing; it is read again, a little later.
            await Task.Delay(Silence, time, ct).ConfigureAwait(false);
        }
    }
}
