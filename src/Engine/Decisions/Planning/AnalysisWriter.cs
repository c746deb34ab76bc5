using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Rollcall.Engine.Documents;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>Analyses as YAML that a person can read and edit; Compose writes them the same way.</summary>
public static class AnalysisWriter
{
    public static void Write(StringBuilder yaml, int indent, ImmutableArray<AnalysisSpec> analyses)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        if (analyses.IsDefaultOrEmpty)
            return;
        void Line(int more, string text) => yaml.Append(' ', (indent + more) * 2).Append(text).Append('\n');
        Line(0, "analysis:");
        foreach (var a in analyses)
        {
            Line(0, $"- name: {Text(a.Name)}");
            if (a.On != HookPoints.AfterStage)
                Line(1, $"on: {a.On}");
            if (a.Prometheus is { } query)
                Line(1, $"prometheus: {Text(query)}");
            if (a.Json is { } json)
                Line(1, $"json: {{ {(json.Source is { } source ? $"source: {Text(source)}, " : "")}url: {Text(json.Url)}, path: {Text(json.Path)} }}");
            if (a.Siblings is { } siblings)
                Line(1, $"siblings: {siblings}");
            if (a.Min is { } min)
                Line(1, $"min: {min.ToString("R", CultureInfo.InvariantCulture)}");
            if (a.Max is { } max)
                Line(1, $"max: {max.ToString("R", CultureInfo.InvariantCulture)}");
            if (a.Delay > TimeSpan.Zero)
                Line(1, $"delay: {Durations.Write(a.Delay)}");
            if (a.Interval != AnalysisSpec.DefaultInterval)
                Line(1, $"interval: {Durations.Write(a.Interval)}");
            foreach (var (key, value, usual) in ((string, int, int)[])[("count", a.Count, AnalysisSpec.UsualCount(a.FailureLimit)), ("failureLimit", a.FailureLimit, 0), ("inconclusiveLimit", a.InconclusiveLimit, AnalysisSpec.DefaultInconclusive)])
                if (value != usual)
                    Line(1, string.Create(CultureInfo.InvariantCulture, $"{key}: {value}"));
            if (a.Timeout != AnalysisSpec.DefaultTimeout)
                Line(1, $"timeout: {Durations.Write(a.Timeout)}");
            if (a.OnFailure is { } then)
                Line(1, $"onFailure: {then}");
        }
    }

    private static string Text(string value) => PlanSpecWriter.Text(value);
}
