using System.Globalization;
using System.Text;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>A Job of one Pod that is tried once: attempts are Rollcall's to count. Its Pod's log is read along.</summary>
internal sealed class JobRun(KubernetesConnection connection, Followed followed)
{
    /// <summary>How long a Job can still be looked at. Until then a Rollcall that was away finds out how it ended.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    private const string Container = "action";
    private const int Lines = 200;
    private const int MostText = 64 * 1024;

    public Task<ActResult> RunAsync(ActionAct act, ActContext context, OutputTail output, CancellationToken ct)
    {
        int? exit = null;
        return followed.RunAsync(act, context, new Errand(KubeKind.Jobs, name => Body(name, act, context), job => Judge(job, exit), async (job, stop) => exit = await ReadAsync(job, output, stop).ConfigureAwait(false)), ct);
    }

    public static object Body(string name, ActionAct act, ActContext context)
    {
        var job = act.Spec.Job!;
        return new
        {
            apiVersion = KubeKind.Jobs.ApiVersion,
            kind = KubeKind.Jobs.Kind,
            metadata = Followed.Metadata(name, act, context),
            spec = new
            {
                backoffLimit = 0,
                activeDeadlineSeconds = (int)Math.Ceiling(act.Spec.Timeout.TotalSeconds),
                ttlSecondsAfterFinished = (int)Kept.TotalSeconds,
                template = new
                {
                    metadata = new { labels = new Dictionary<string, string>(StringComparer.Ordinal) { [Marks.Run] = Names.Label(context.RunId), [Marks.Job] = name } },
                    spec = new
                    {
                        restartPolicy = "Never",
                        automountServiceAccountToken = job.ServiceAccount is not null,
                        serviceAccountName = job.ServiceAccount ?? "default",
                        containers = new[]
                        {
                            new Dictionary<string, object>(StringComparer.Ordinal)
                            {
                                ["name"] = Container,
                                ["image"] = job.Image,
                                ["command"] = job.Command,
                                ["env"] = Facts(act, context).Select(f => new { name = $"ROLLCALL_{f.Key.ToUpperInvariant()}", value = f.Value }).ToArray(),
                            },
                        },
                    },
                },
            },
        };
    }

    /// <summary>What an action that runs elsewhere is told about the run.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Facts(ActionAct act, ActContext context) =>
    [
        new("run", context.RunId), new("cluster", context.Cluster.ToString()), new("component", act.Component), new("stage", act.Stage), new("shard", act.Shard ?? ""), new("instance", act.Instance ?? ""),
        new("point", act.Point), new("step", act.Step), new("attempt", context.Attempt.ToString(CultureInfo.InvariantCulture)),
    ];

    private static ActResult? Judge(KubeObject job, int? exit)
    {
        foreach (var condition in KubeObject.Items(job.Status, "conditions").Where(c => KubeObject.Text(c, "status") == "True"))
            switch (KubeObject.Text(condition, "type"))
            {
                case "Complete":
                    return ActResult.Accepted($"Job {job.Name} is complete.") with { ExitCode = exit ?? 0 };
                case "Failed":
                    var why = (KubeObject.Text(condition, "reason"), KubeObject.Text(condition, "message").TrimEnd('.'));
                    return ActResult.Failed($"Job {job.Name} failed{(exit is { } code ? $" with exit code {code}" : "")}{(why.Item1.Length > 0 ? $" ({why.Item1}{(why.Item2.Length > 0 ? $": {why.Item2}" : "")})" : "")}.") with { ExitCode = exit };
            }
        return null;
    }

    /// <summary>Shows the Pod's log; its exit code once it has one. What cannot be read now is read the next time: the Job itself says how it ended.</summary>
    private async Task<int?> ReadAsync(KubeObject job, OutputTail output, CancellationToken ct)
    {
        var list = await connection.GetAsync($"{KubeKind.Pods.Collection(job.Namespace)}?labelSelector={Uri.EscapeDataString($"{Marks.Job}={job.Name}")}", ct).ConfigureAwait(false);
        var pod = list.Ok ? KubeObject.Items(list.Body, "items").Select(i => new KubeObject(i)).LastOrDefault() : null;
        if (pod is null)
            return null;
        var state = KubeObject.Get(KubeObject.Items(pod.Status, "containerStatuses").FirstOrDefault(), "state");
        if (KubeObject.Text(state, "waiting", "reason") is { Length: > 0 } waits)
        {
            output.Replace($"{pod.Name}: {waits} {KubeObject.Text(state, "waiting", "message")}\n");
            return null;
        }
        if (await LogAsync(pod, ct).ConfigureAwait(false) is { Length: > 0 } log)
            output.Replace(log);
        return (int?)KubeObject.Number(state, "terminated", "exitCode");
    }

    private async Task<string?> LogAsync(KubeObject pod, CancellationToken ct)
    {
        try
        {
            using var response = await connection.OpenAsync(string.Create(CultureInfo.InvariantCulture, $"{KubeKind.Pods.Object(pod.Namespace, pod.Name)}/log?container={Container}&tailLines={Lines}"), ct).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                return (int)response.StatusCode == 403 ? "(the log cannot be read: Rollcall's role needs the verb get on pods/log)\n" : null;
            await using var body = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
            var bytes = new byte[MostText];
            var got = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
            return Encoding.UTF8.GetString(bytes, 0, got);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }
    }
}
