using System.Globalization;
using System.Text;
using Rollcall.Shared;
using SpecDurations = Rollcall.Engine.Documents.Durations;

namespace Rollcall.Web.Model.Composing;

/// <summary>One hook as it is being typed.</summary>
public sealed class HookForm
{
    public static IReadOnlyList<(string Kind, string Word)> Kinds { get; } = [("exec", "a command in a member"), ("job", "a Job"), ("webhook", "a webhook"), ("ops", "an OpsRequest")];

    /// <summary>Keeps its identity while others go.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    public string Name { get; set; } = "";
    public string On { get; set; } = HookPoints.BeforeStage;
    public string Roles { get; set; } = "";
    public string Kind { get; set; } = "exec";
    /// <summary>Of exec and job, as one line.</summary>
    public string Command { get; set; } = "";
    public string Container { get; set; } = "";
    public string Image { get; set; } = "";
    public string ServiceAccount { get; set; } = "";
    public string Url { get; set; } = "";
    public string Method { get; set; } = "POST";
    public string Body { get; set; } = "";
    public string Secret { get; set; } = "";
    public string OpsDefinition { get; set; } = "";
    public string OpsComponent { get; set; } = "";
    /// <summary>name=value words, as one line.</summary>
    public string Parameters { get; set; } = "";
    public string Timeout { get; set; } = "";
    public string Retries { get; set; } = "";
    public string OnFailure { get; set; } = "pause";

    public static HookForm From(HookSpec hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        var (action, form) = (hook.Action, new HookForm());
        form.Name = hook.Name;
        form.On = hook.On;
        form.Roles = string.Join(", ", hook.Roles);
        form.Kind = action.Kind;
        form.Command = CommandLine.Join(action.Exec?.Command ?? action.Job?.Command ?? []);
        form.Container = action.Exec?.Container ?? "";
        form.Image = action.Job?.Image ?? "";
        form.ServiceAccount = action.Job?.ServiceAccount ?? "";
        form.Url = action.Webhook?.Url ?? "";
        form.Method = action.Webhook?.Method ?? "POST";
        form.Body = action.Webhook?.Body ?? "";
        form.Secret = action.Webhook?.Secret ?? "";
        form.OpsDefinition = action.Ops?.OpsDefinition ?? "";
        form.OpsComponent = action.Ops?.Component ?? "";
        form.Parameters = CommandLine.Join(action.Ops?.Parameters.Select(p => $"{p.Key}={p.Value}") ?? []);
        form.Timeout = action.Timeout == ActionSpec.DefaultTimeout ? "" : SpecDurations.Write(action.Timeout);
        form.Retries = action.Retries == 0 ? "" : action.Retries.ToString(CultureInfo.InvariantCulture);
        form.OnFailure = hook.OnFailure;
        return form;
    }

    /// <summary>The list <c>hooks</c> with this indent; nothing when it is empty.</summary>
    public static void Write(StringBuilder yaml, string indent, IReadOnlyCollection<HookForm> hooks)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        if (hooks.Count == 0)
            return;
        yaml.Append(indent).Append("hooks:\n");
        foreach (var hook in hooks)
            hook.Write(yaml, indent);
    }

    private void Write(StringBuilder yaml, string indent)
    {
        void Line(string key, string value) => yaml.Append(indent).Append("  ").Append(key).Append(": ").Append(value).Append('\n');
        void Given(string key, string value)
        {
            if (value.Length > 0)
                Line("  " + key, ComposeYaml.Text(value));
        }
        yaml.Append(indent).Append("- name: ").Append(ComposeYaml.Text(Name)).Append('\n');
        Line("on", ComposeYaml.Text(On));
        if (Names(Roles) is { Count: > 0 } roles)
            Line("roles", Flow(roles));
        yaml.Append(indent).Append("  ").Append(Kind).Append(":\n");
        switch (Kind)
        {
            case "exec":
                Given("container", Container);
                Line("  command", Flow(CommandLine.Split(Command)));
                break;
            case "job":
                Line("  image", ComposeYaml.Text(Image));
                if (CommandLine.Split(Command) is { Count: > 0 } command)
                    Line("  command", Flow(command));
                Given("serviceAccount", ServiceAccount);
                break;
            case "webhook":
                Line("  url", ComposeYaml.Text(Url));
                Given("method", Method == "POST" ? "" : Method);
                Given("body", Body);
                Given("secret", Secret);
                break;
            default:
                Line("  opsDefinition", ComposeYaml.Text(OpsDefinition));
                Given("component", OpsComponent);
                if (CommandLine.Split(Parameters) is { Count: > 0 } parameters)
                {
                    Line("  parameters", "");
                    foreach (var (key, value) in parameters.Select(Pair))
                        Line("    " + ComposeYaml.Text(key), ComposeYaml.Text(value));
                }
                break;
        }
        if (Timeout.Length > 0)
            Line("timeout", ComposeYaml.Text(Timeout));
        if (Retries.Length > 0)
            Line("retries", Retries.All(char.IsAsciiDigit) ? Retries : ComposeYaml.Text(Retries));
        if (OnFailure != "pause")
            Line("onFailure", ComposeYaml.Text(OnFailure));
    }

    private static (string Key, string Value) Pair(string word) => word.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? (word[..at], word[(at + 1)..]) : (word, "");

    private static List<string> Names(string list) => [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private static string Flow(IEnumerable<string> items) => $"[{string.Join(", ", items.Select(ComposeYaml.Text))}]";
}
