using System.Globalization;
using System.Text;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Shared;
using SpecDurations = Rollcall.Engine.Documents.Durations;

namespace Rollcall.Web.Model.Composing;

/// <summary><c>safety</c> as it is being typed. Empty everywhere: as the profile says.</summary>
public sealed class LimitsForm
{
    public string LagMaxBytes { get; set; } = "";
    public string LagMaxSeconds { get; set; } = "";
    public string ReadyDeadline { get; set; } = "";
    public string CooldownMember { get; set; } = "";
    public string CooldownShard { get; set; } = "";
    public string CooldownZone { get; set; } = "";
    /// <summary>Empty, true or false.</summary>
    public string ZoneExclusive { get; set; } = "";
    public string PartlyUpdatedShards { get; set; } = "";
    /// <summary>At the end of the rollout, not of a rollback.</summary>
    public bool RestoreLeaders { get; set; }
    /// <summary>Null: leaders are handed over at any time.</summary>
    public WindowForm? HandoverWindow { get; set; }
    public List<WindowForm> Freeze { get; } = [];
    public string BackupMaxAge { get; set; } = "";
    public string BackupMethod { get; set; } = "";
    public string BackupPolicy { get; set; } = "";
    public string BackupTimeout { get; set; } = "";
    public string BackupRetries { get; set; } = "";

    /// <summary>Something of the pace differs from the profile.</summary>
    public bool Paced => RestoreLeaders || Any(CooldownMember, CooldownShard, CooldownZone, ZoneExclusive, PartlyUpdatedShards);

    public bool BacksUp => BackupMaxAge.Length > 0 || Takes;

    private bool Takes => Any(BackupMethod, BackupPolicy, BackupTimeout, BackupRetries);

    public static LimitsForm Of(SafetySpec safety)
    {
        ArgumentNullException.ThrowIfNull(safety);
        var take = safety.Backup?.Take;
        var form = new LimitsForm
        {
            LagMaxBytes = Number(safety.LagMaxBytes),
            LagMaxSeconds = Number(safety.LagMaxSeconds),
            ReadyDeadline = Duration(safety.ReadyDeadline),
            CooldownMember = Duration(safety.Cooldown.Member),
            CooldownShard = Duration(safety.Cooldown.Shard),
            CooldownZone = Duration(safety.Cooldown.Zone),
            ZoneExclusive = safety.ZoneExclusive switch { null => "", true => "true", false => "false" },
            PartlyUpdatedShards = Number(safety.PartlyUpdatedShards),
            RestoreLeaders = safety.RestoreLeaders,
            BackupMaxAge = Duration(safety.Backup?.MaxAge),
            BackupMethod = take?.Backup?.Method ?? "",
            BackupPolicy = take?.Backup?.Policy ?? "",
            BackupTimeout = take is not null && take.Timeout != PlanSpecReader.DefaultBackup ? Duration(take.Timeout) : "",
            BackupRetries = take is { Retries: > 0 } ? Number(take.Retries) : "",
            HandoverWindow = safety.HandoverWindow is { } window ? WindowForm.From(window) : null,
        };
        form.Freeze.AddRange(safety.Freeze.Select(WindowForm.From));
        return form;
    }

    /// <summary>The mapping <c>safety</c>; nothing while nothing differs.</summary>
    public void Write(StringBuilder yaml)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        if (!Paced && !BacksUp && HandoverWindow is null && Freeze.Count == 0 && !Any(LagMaxBytes, LagMaxSeconds, ReadyDeadline))
            return;
        yaml.Append("  safety:\n");
        Map(yaml, "lag", ("maxBytes", LagMaxBytes, true), ("maxSeconds", LagMaxSeconds, true));
        Line(yaml, 2, "readyDeadline", ReadyDeadline);
        Map(yaml, "cooldown", ("member", CooldownMember, false), ("shard", CooldownShard, false), ("zone", CooldownZone, false));
        if (ZoneExclusive.Length > 0)
            yaml.Append(CultureInfo.InvariantCulture, $"    zoneExclusive: {ZoneExclusive}\n");
        Line(yaml, 2, "partlyUpdatedShards", PartlyUpdatedShards, number: true);
        if (RestoreLeaders)
            yaml.Append("    restoreLeaders: true\n");
        Windows(yaml);
        if (BacksUp)
            yaml.Append("    backup:\n");
        Line(yaml, 3, "maxAge", BackupMaxAge);
        if (Takes)
            yaml.Append("      take:\n");
        Line(yaml, 4, "policy", BackupPolicy);
        Line(yaml, 4, "method", BackupMethod);
        Line(yaml, 4, "timeout", BackupTimeout);
        Line(yaml, 4, "retries", BackupRetries, number: true);
    }

    private void Windows(StringBuilder yaml)
    {
        if (HandoverWindow is { } window)
            yaml.Append(CultureInfo.InvariantCulture, $"    handoverWindow: {{ {Window(window)} }}\n");
        if (Freeze.Count > 0)
            yaml.Append("    freeze:\n");
        foreach (var freeze in Freeze)
            yaml.Append(CultureInfo.InvariantCulture, $"    - {{ {(freeze.Name.Length > 0 ? $"name: {ComposeYaml.Text(freeze.Name)}, " : "")}{Window(freeze)} }}\n");
    }

    private static string Window(WindowForm window) => $"cron: {ComposeYaml.Quoted(window.Cron)}, duration: {ComposeYaml.Text(window.Duration)}, timeZone: {ComposeYaml.Text(window.TimeZone)}";

    private static void Map(StringBuilder yaml, string name, params (string Key, string Value, bool Number)[] entries)
    {
        if (!Any([.. entries.Select(e => e.Value)]))
            return;
        yaml.Append(CultureInfo.InvariantCulture, $"    {name}:\n");
        foreach (var (key, value, number) in entries)
            Line(yaml, 3, key, value, number);
    }

    private static void Line(StringBuilder yaml, int indent, string key, string value, bool number = false)
    {
        if (value.Length > 0)
            yaml.Append(' ', indent * 2).Append(key).Append(": ").Append(number ? ComposeYaml.Number(value) : ComposeYaml.Text(value)).Append('\n');
    }

    private static bool Any(params string[] values) => values.Any(v => v.Length > 0);

    private static string Duration(TimeSpan? time) => time is { } t ? SpecDurations.Write(t) : "";

    private static string Number(IFormattable? number) => number?.ToString(null, CultureInfo.InvariantCulture) ?? "";
}
