using System.Collections.Immutable;
using System.Globalization;
using Rollcall.Shared;

namespace Rollcall.Engine.Documents;

/// <summary>Hooks and actions read the same in a plan, in its stages and in a profile.</summary>
internal static class ActionReader
{
    public static readonly DocShape Hook = new("A hook", "hook", ["name", "on", "roles", "exec", "job", "webhook", "ops", "timeout", "retries", "onFailure"]);
    public static readonly DocShape Exec = new("'exec'", "exec", ["container", "command"]);
    public static readonly DocShape Job = new("'job'", "job", ["image", "command", "serviceAccount"])
    {
        NotActedOn = ImmutableDictionary<string, string>.Empty.Add("env", "A Job is told of its run by ROLLCALL_… variables; what else it needs belongs into its image or its ServiceAccount."),
    };
    public static readonly DocShape Webhook = new("'webhook'", "webhook", ["url", "method", "body", "secret"])
    {
        NotActedOn = ImmutableDictionary<string, string>.Empty.Add("headers", "The request is signed with the secret that 'secret' names in Rollcall's configuration."),
    };
    public static readonly DocShape Ops = new("'ops'", "ops", ["opsDefinition", "component", "parameters"]);

    public static readonly string[] Kinds = ["exec", "job", "webhook", "ops"];
    public static readonly string[] OnFailure = ["pause", "continue", "rollback"];
    public static readonly string[] Methods = ["POST", "PUT", "PATCH", "GET", "DELETE"];

    public const int MostRetries = 10;
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(6);

    /// <param name="points">Where hooks may be in this document.</param>
    /// <param name="prefix">Begins the names of hooks that have none, so that they differ from those of other lists.</param>
    public static ImmutableArray<HookSpec> Hooks(DocFields owner, ImmutableArray<string> points, string prefix, DocErrors errors)
    {
        var hooks = ImmutableArray.CreateBuilder<HookSpec>();
        foreach (var (node, path) in owner.List("hooks", whenEmpty: "'hooks' is empty; leave the key out.") ?? [])
        {
            if (DocFields.Of(node, path, Hook, errors) is not { } fields)
                continue;
            var hook = Read(fields, points, string.Create(CultureInfo.InvariantCulture, $"{prefix}{hooks.Count + 1}"));
            if (hooks.Any(h => h.Name == hook.Name))
                fields.Error("name", $"Two hooks are called '{hook.Name}'.");
            hooks.Add(hook);
        }
        return hooks.ToImmutable();
    }

    private static HookSpec Read(DocFields fields, ImmutableArray<string> points, string unnamed)
    {
        var hook = new HookSpec
        {
            Name = fields.Matching("name", Forms.IsStage(), Forms.Hook) ?? unnamed,
            On = On(fields, points),
            Roles = fields.Texts("roles", whenEmpty: "'roles' is empty; leave it out for every role."),
            Action = Action(fields),
            OnFailure = fields.OneOf("onFailure", OnFailure) ?? "pause",
        };
        if (!hook.Roles.IsEmpty && !hook.AtInstance && hook.Action.Exec is null && hook.Action.Kind != "nothing")
            fields.Error("roles", $"'roles' says in which member a command runs; a {hook.Action.Kind} runs in none.", "leave it out, or on: BeforeInstance or AfterInstance");
        if (hook is { AroundRollback: true, OnFailure: "rollback" })
            fields.Error("onFailure", "A rollback that fails cannot be answered by a rollback.", "pause", "continue");
        return hook;
    }

    private static string On(DocFields fields, ImmutableArray<string> points)
    {
        var text = fields.Text("on", required: true);
        if (text is not null && !points.Contains(text))
            fields.Error("on", HookPoints.All.Contains(text) ? $"A stage has no '{text}': a rollback is not one of its stages. Put the hook under spec.hooks." : $"'{text}' is not a value of 'on'.", points.AsSpan());
        return text is not null && points.Contains(text) ? text : points[0];
    }

    private static ActionSpec Action(DocFields fields)
    {
        var given = Kinds.Where(fields.Has).ToList();
        if (given.Count != 1)
            fields.Error(given.Count == 0 ? "exec" : given[1], given.Count == 0 ? "The hook runs nothing." : $"A hook runs one thing: {string.Join(" or ", given)}, not both.", Kinds.AsSpan());
        return new ActionSpec
        {
            Exec = fields.Object("exec", Exec) is { } exec ? new ExecAction { Container = exec.Matching("container", Forms.IsLabel(), Forms.Label), Command = Command(exec, required: true) } : null,
            Job = fields.Object("job", Job) is { } job ? ReadJob(job) : null,
            Webhook = fields.Object("webhook", Webhook) is { } webhook ? ReadWebhook(webhook) : null,
            Ops = fields.Object("ops", Ops) is { } ops
                ? new OpsAction
                {
                    OpsDefinition = ops.Matching("opsDefinition", Forms.IsSubdomain(), Forms.Subdomain, required: true) ?? "",
                    Component = ops.Matching("component", Forms.IsSubdomain(), Forms.Subdomain),
                    Parameters = ops.Pairs("parameters", whenEmpty: "'parameters' is empty; leave it out."),
                }
                : null,
            Timeout = fields.Duration("timeout", TimeSpan.FromSeconds(1), LongestTimeout) ?? ActionSpec.DefaultTimeout,
            Retries = fields.Int("retries", 0, MostRetries) ?? 0,
        };
    }

    private static JobAction ReadJob(DocFields job)
    {
        var image = job.Text("image", required: true, longest: 512);
        if (image is not null && !Forms.IsImage().IsMatch(image))
            job.Error("image", $"'{image}' is not {Forms.Image}.");
        return new JobAction { Image = image ?? "", Command = Command(job), ServiceAccount = job.Matching("serviceAccount", Forms.IsSubdomain(), Forms.Subdomain) };
    }

    private static WebhookAction ReadWebhook(DocFields webhook)
    {
        var url = webhook.Text("url", required: true, longest: 2048);
        if (url is not null && !(Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.UserInfo.Length == 0))
            webhook.Error("url", url.Contains('@', StringComparison.Ordinal) ? "An address must not hold a user or password: a plan is read by many." : $"'{url}' is not an address.", "https://host/path");
        return new WebhookAction
        {
            Url = url ?? "",
            Method = webhook.OneOf("method", Methods) ?? "POST",
            Body = webhook.Text("body", longest: 16 * 1024),
            Secret = webhook.Matching("secret", Forms.IsLabel(), "the name of a secret in Rollcall's configuration"),
        };
    }

    private static ImmutableArray<string> Command(DocFields fields, bool required = false) => fields.Texts("command", required, whenEmpty: "'command' is empty.", distinct: false);
}
