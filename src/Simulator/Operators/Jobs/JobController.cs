using System.Text.Json.Nodes;
using k8s;
using Rollcall.Simulator.Operators.Machinery;
using Rollcall.Simulator.Operators.Nodes;

namespace Rollcall.Simulator.Operators.Jobs;

/// <summary>
/// Jobs run for a while and are complete, without Pods (so there is no log to read). One whose image no registry has, or whose command is <c>false</c>, fails like a Job that is tried once; one that takes longer than it may fails by its deadline.
/// </summary>
internal sealed class JobController : Controller
{
    private readonly IKubernetes _client;
    private readonly ObjectCache<KubeObject> _jobs;
    private readonly ImageRegistry _images;
    private readonly TimeSpan _duration;
    private readonly TimeProvider _time;

    public JobController(IKubernetes client, ObjectCache<KubeObject> jobs, ImageRegistry images, TimeSpan duration, AlarmClock alarms, TimeProvider time, ILogger log)
        : base("job controller", alarms, log)
    {
        (_client, _jobs, _images, _duration, _time) = (client, jobs, images, duration, time);
        jobs.OnChange((before, after) => Enqueue(ObjectKey.Of((after ?? before)!)));
    }

    protected override async Task ReconcileAsync(string key, CancellationToken ct)
    {
        if (_jobs.Find(key) is not { } job || job.Status.Objects("conditions").Count > 0)
            return;
        var now = _time.GetUtcNow();
        if (job.Status.Text("startTime") is not { Length: > 0 } started)
        {
            await WriteAsync(key, new() { ["startTime"] = PodStatusReport.Stamp(now), ["active"] = 1, ["ready"] = 1 }, ct);
            EnqueueAfter(key, _duration);
            return;
        }
        var end = DateTimeOffset.Parse(started, System.Globalization.CultureInfo.InvariantCulture) + _duration;
        var deadline = job.Spec.Int("activeDeadlineSeconds", int.MaxValue);
        if (end > now && (now - (end - _duration)).TotalSeconds < deadline)
        {
            EnqueueAfter(key, end - now);
            return;
        }
        if (end > now || _duration.TotalSeconds > deadline)
            await EndAsync(key, "Failed", "DeadlineExceeded", "Job was active longer than specified deadline", now, ct);
        else if (Fails(job))
            await EndAsync(key, "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit", now, ct);
        else
            await EndAsync(key, "Complete", "CompletionsReached", "Reached expected number of succeeded pods", now, ct);
    }

    private bool Fails(KubeObject job)
    {
        var container = job.Spec.Child("template").Child("spec").Objects("containers");
        if (container is not [var only, ..])
            return false;
        return only.Strings("command") is ["false", ..] || !_images.Has(only.Text("image"));
    }

    private Task EndAsync(string key, string type, string reason, string message, DateTimeOffset now, CancellationToken ct)
    {
        var status = new JsonObject
        {
            ["active"] = null, ["ready"] = 0,
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = type, ["status"] = "True", ["reason"] = reason, ["message"] = message, ["lastProbeTime"] = PodStatusReport.Stamp(now), ["lastTransitionTime"] = PodStatusReport.Stamp(now) }),
            [type == "Complete" ? "succeeded" : "failed"] = 1,
        };
        if (type == "Complete")
            status["completionTime"] = PodStatusReport.Stamp(now);
        return WriteAsync(key, status, ct);
    }

    private Task WriteAsync(string key, JsonObject status, CancellationToken ct) => _client.WriteStatusAsync(ResourceKind.Job, key, status, ct);
}
