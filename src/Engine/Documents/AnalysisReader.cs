using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Rollcall.Shared;

namespace Rollcall.Engine.Documents;

/// <summary>The analyses of a stage, as a plan writes them.</summary>
internal static partial class AnalysisReader
{
    public static readonly DocShape Analysis = new("An analysis", "analysis", ["name", "on", "prometheus", "json", "siblings", "min", "max", "delay", "interval", "count", "failureLimit", "inconclusiveLimit", "timeout", "onFailure"])
    {
        NotActedOn = ImmutableDictionary<string, string>.Empty
            .Add("successCondition", "Give min and max.")
            .Add("address", "Rollcall's own configuration names the Prometheus server."),
    };

    public static readonly DocShape Json = new("'json'", "jsonMetric", ["source", "url", "path"])
    {
        NotActedOn = ImmutableDictionary<string, string>.Empty.Add("headers", "Name a source of Rollcall's configuration, which has the token.").Add("secret", "Name a source of Rollcall's configuration, which has the token."),
    };

    public static readonly string[] Points = [HookPoints.AfterStage, HookPoints.AfterShard, HookPoints.AfterInstance];
    public static readonly string[] Compared = ["ratio", "difference"];
    public static readonly string[] OnFailure = ["pause", "rollback", "continue"];
    public static readonly string[] Placeholders = ["pods", "namespace", "cluster", "component", "stage", "shard", "instance"];

    public const int MostCount = 1000;
    public const double Largest = 1e15;
    public static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(2);

    public static ImmutableArray<AnalysisSpec> Read(DocFields stage, DocErrors errors)
    {
        var analyses = ImmutableArray.CreateBuilder<AnalysisSpec>();
        foreach (var (node, path) in stage.List("analysis", whenEmpty: "'analysis' is empty; leave the key out.") ?? [])
        {
            if (DocFields.Of(node, path, Analysis, errors) is not { } fields)
                continue;
            var analysis = Read(fields);
            if (analysis.Name.Length > 0 && analyses.Any(a => a.Name == analysis.Name))
                fields.Error("name", $"Two analyses are called '{analysis.Name}'.");
            analyses.Add(analysis);
        }
        return analyses.ToImmutable();
    }

    private static AnalysisSpec Read(DocFields fields)
    {
        var failures = fields.Int("failureLimit", 0, MostCount / 2 - 1) ?? 0;
        var analysis = new AnalysisSpec
        {
            Name = fields.Matching("name", Forms.IsStage(), Forms.Stage, required: true) ?? "",
            On = fields.OneOf("on", Points) ?? HookPoints.AfterStage,
            Prometheus = fields.Text("prometheus", longest: 8 * 1024),
            Json = fields.Object("json", Json) is { } json ? ReadJson(json) : null,
            Siblings = fields.OneOf("siblings", Compared),
            Min = fields.Real("min", -Largest, Largest),
            Max = fields.Real("max", -Largest, Largest),
            Delay = fields.Duration("delay", TimeSpan.Zero, LongestDelay) ?? TimeSpan.Zero,
            Interval = fields.Duration("interval", ShortestInterval, LongestDelay) ?? AnalysisSpec.DefaultInterval,
            Count = fields.Int("count", 1, MostCount) ?? AnalysisSpec.UsualCount(failures),
            FailureLimit = failures,
            InconclusiveLimit = fields.Int("inconclusiveLimit", 0, MostCount) ?? AnalysisSpec.DefaultInconclusive,
            Timeout = fields.Duration("timeout", TimeSpan.FromSeconds(1), LongestTimeout) ?? AnalysisSpec.DefaultTimeout,
            OnFailure = fields.OneOf("onFailure", OnFailure),
        };
        if (fields.Has("prometheus") == fields.Has("json"))
            fields.Error(fields.Has("json") ? "json" : "prometheus", fields.Has("json") ? "An analysis asks one source: prometheus or json, not both." : "The analysis asks for nothing.", "prometheus: a query", "json: { url, path }");
        if (!fields.Has("min") && !fields.Has("max"))
            fields.Error("max", "Without a limit the analysis could not fail.", "min", "max");
        else if (analysis.Min > analysis.Max)
            fields.Error("min", "'min' is above 'max', so the analysis could not pass.");
        if (analysis.FailureLimit >= analysis.Count)
            fields.Error("failureLimit", $"With {analysis.Count} {(analysis.Count == 1 ? "measurement" : "measurements")} and a failureLimit of {analysis.FailureLimit} the analysis could not fail.", $"0 to {analysis.Count - 1}");
        Placeholder(fields, analysis, "prometheus", analysis.Prometheus);
        Placeholder(fields, analysis, "json", analysis.Json?.Url);
        return analysis;
    }

    private static void Placeholder(DocFields fields, AnalysisSpec analysis, string key, string? text)
    {
        if (text is null)
            return;
        foreach (Match used in AnyPlaceholder().Matches(text))
            if (!Placeholders.Contains(used.Groups["name"].Value))
                fields.Error(key, $"There is no {{{{{used.Groups["name"].Value}}}}} to fill in.", [.. Placeholders.Select(p => $"{{{{{p}}}}}")]);
            else if (used.Groups["name"].Value == "instance" && analysis.On != HookPoints.AfterInstance)
                fields.Error(key, "{{instance}} is known after an instance only.", "on: AfterInstance, or {{pods}}");
        if (analysis.Siblings is not null && !text.Contains("{{pods}}", StringComparison.Ordinal))
            fields.Error(key, "To compare updated members with others the same is asked for both, so it must say {{pods}}.", "rate(errors_total{pod=~\"{{pods}}\"}[5m])");
    }

    private static JsonMetric ReadJson(DocFields json)
    {
        var (url, path, source) = (json.Text("url", required: true, longest: 2048), json.Text("path", required: true, longest: 512), json.Matching("source", Forms.IsLabel(), "the name of a source in Rollcall's configuration"));
        var plain = url is null ? "" : AnyPlaceholder().Replace(url, "x");
        if (url is not null && source is null && !(Uri.TryCreate(plain, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.UserInfo.Length == 0))
            json.Error("url", url.Contains('@', StringComparison.Ordinal) ? "An address must not hold a user or password: a plan is read by many." : $"'{url}' is not an address.", "https://host/path", "a path, with source");
        else if (url is not null && source is not null && !(plain.StartsWith('/') && !plain.StartsWith("//", StringComparison.Ordinal)))
            json.Error("url", "With a source it is a path on that source.", "/path?query");
        if (path is not null && PathProblem(path) is { } problem)
            json.Error("path", $"'{path}' is not a JSONPath: {problem}", "$.data.value");
        return new JsonMetric { Url = url ?? "", Path = path ?? "", Source = source };
    }

    /// <summary>Tried on an empty document: only what is written wrongly throws.</summary>
    private static string? PathProblem(string path)
    {
        try
        {
            new JObject().SelectToken(path, new JsonSelectSettings { RegexMatchTimeout = TimeSpan.FromSeconds(1) });
            return null;
        }
        catch (JsonException e)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{e.Message}");
        }
    }

    /// <summary>{{name}}, which no PromQL has: its braces hold matchers.</summary>
    [GeneratedRegex(@"\{\{\s*(?<name>[A-Za-z]*)\s*\}\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    internal static partial Regex AnyPlaceholder();
}
