using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Rollcall.Shared;

/// <summary>A metric that must stay within its limits before a stage, a shard or a member counts as done. Exactly one of <see cref="Prometheus"/> and <see cref="Json"/>.</summary>
public sealed record AnalysisSpec
{
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);
    public const int DefaultInconclusive = 2;

    /// <summary>So that more may be inside than outside: 1, 3, 5 …</summary>
    public static int UsualCount(int failureLimit) => (2 * failureLimit) + 1;

    public required string Name { get; init; }
    /// <summary>AfterStage, AfterShard or AfterInstance.</summary>
    public string On { get; init; } = HookPoints.AfterStage;
    /// <summary>An instant query that gives one number.</summary>
    public string? Prometheus { get; init; }
    public JsonMetric? Json { get; init; }
    /// <summary>ratio or difference: what is judged is the updated members' value compared with that of members not yet updated. Null: the value itself.</summary>
    public string? Siblings { get; init; }
    /// <summary>Both included; at least one is given.</summary>
    public double? Min { get; init; }
    public double? Max { get; init; }
    /// <summary>From the point to the first measurement.</summary>
    public TimeSpan Delay { get; init; }
    /// <summary>From the beginning of one measurement to the beginning of the next.</summary>
    public TimeSpan Interval { get; init; } = DefaultInterval;
    /// <summary>Measurements that gave a number.</summary>
    public int Count { get; init; } = 1;
    /// <summary>So many may be outside the limits; one more fails the analysis.</summary>
    public int FailureLimit { get; init; }
    /// <summary>So many may give no number; they are taken again. One more, and a person looks.</summary>
    public int InconclusiveLimit { get; init; } = DefaultInconclusive;
    public TimeSpan Timeout { get; init; } = DefaultTimeout;
    /// <summary>pause, rollback or continue; null: rollback where the plan rolls back automatically, else pause.</summary>
    public string? OnFailure { get; init; }

    /// <summary>The query or address as written, for the people who approve it.</summary>
    [JsonIgnore] public string Verbatim => Prometheus ?? (Json is { } json ? $"{(json.Source is { } source ? $"{source}: " : "")}{json.Url} {json.Path}" : "");

    /// <summary>"at most 0.2", "at least 0.9, at most 1.1".</summary>
    [JsonIgnore]
    public string Limits => string.Join(", ", new[] { Min is { } min ? $"at least {Number(min)}" : "", Max is { } max ? $"at most {Number(max)}" : "" }.Where(t => t.Length > 0));

    public bool Within(double value) => !(value < Min) && !(value > Max);

    /// <summary>Four significant digits: 0.1234, 1234, 1.2E+07.</summary>
    public static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}

/// <summary>A number in a JSON answer.</summary>
public sealed record JsonMetric
{
    /// <summary>An address; with <see cref="Source"/> a path on it.</summary>
    public required string Url { get; init; }
    /// <summary>JSONPath to one number, or to text that is one.</summary>
    public required string Path { get; init; }
    /// <summary>A source of Rollcall's own configuration, which has the address and the token; null: none.</summary>
    public string? Source { get; init; }
}

/// <summary>One metric to be asked for, with everything filled in.</summary>
public sealed record MetricAction
{
    public string? Prometheus { get; init; }
    public JsonMetric? Json { get; init; }
    /// <summary>The same for the members that are not updated yet; null where nothing is compared.</summary>
    public string? SiblingsPrometheus { get; init; }
    public JsonMetric? SiblingsJson { get; init; }
    /// <summary>ratio or difference.</summary>
    public string? Compare { get; init; }
}

/// <summary>What was measured. Without a value it is inconclusive, and <see cref="Problem"/> says why.</summary>
/// <param name="Source">Who gave the number.</param>
public sealed record Measurement(double? Value, string Source)
{
    public double? Updated { get; init; }
    public double? Siblings { get; init; }
    public string Problem { get; init; } = "";
}

[JsonConverter(typeof(JsonStringEnumConverter<MeasurementOutcome>))]
public enum MeasurementOutcome { Passed, Failed, Inconclusive }

/// <summary>An analysis of a run: its limits, and what was measured so far, oldest first.</summary>
public sealed record AnalysisView
{
    public required string Name { get; init; }
    public required string Query { get; init; }
    public string? Siblings { get; init; }
    public double? Min { get; init; }
    public double? Max { get; init; }
    public required string Limits { get; init; }
    public required int Count { get; init; }
    public required int FailureLimit { get; init; }
    public required int InconclusiveLimit { get; init; }
    public required double IntervalSeconds { get; init; }
    public ImmutableArray<MeasurementView> Measurements { get; init; } = [];
}

/// <param name="Earlier">Taken before a person pressed Retry; it counts no more.</param>
public sealed record MeasurementView(DateTimeOffset At, double? Value, MeasurementOutcome Outcome, string Text, bool Earlier)
{
    public double? Updated { get; init; }
    public double? Siblings { get; init; }
}
