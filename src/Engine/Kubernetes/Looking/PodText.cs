using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Rollcall.Engine.Kubernetes.Looking;

/// <summary>
/// A Pod as YAML for reading: without managedFields and without the copy of itself that kubectl leaves in an annotation, and with the values hidden that look like secrets
/// (literal environment values, passwords in arguments and addresses). What comes from a Secret by reference is only a reference here. Pure.
/// </summary>
public static partial class PodText
{
    public const string Hidden = "(hidden)";

    private static readonly HashSet<string> LeftOutAnnotations = new(StringComparer.Ordinal) { "kubectl.kubernetes.io/last-applied-configuration" };

    public static (string Yaml, int Masked) Of(JsonElement pod)
    {
        var masked = 0;
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings().WithBestWidth(int.MaxValue));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Write(emitter, pod, "", ref masked);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return (text.ToString(), masked);
    }

    /// <summary>The name of a setting whose value is nobody's business.</summary>
    public static bool LooksSecret(string name) => SecretName().IsMatch(name);

    private static void Write(Emitter emitter, JsonElement value, string path, ref int masked)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(emitter, value, path, ref masked);
                break;
            case JsonValueKind.Array:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Any));
                var follows = false;
                foreach (var item in value.EnumerateArray())
                {
                    if (item.ValueKind == JsonValueKind.String && IsCommand(path))
                    {
                        var (shown, hidden, next) = Argument(item.GetString()!, follows);
                        masked += hidden ? 1 : 0;
                        follows = next;
                        WriteText(emitter, shown);
                    }
                    else
                    {
                        Write(emitter, item, path, ref masked);
                    }
                }
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValueKind.String:
                WriteText(emitter, value.GetString()!);
                break;
            case JsonValueKind.Null:
            case JsonValueKind.Undefined:
                Plain(emitter, "null");
                break;
            default:
                Plain(emitter, value.GetRawText());
                break;
        }
    }

    private static void WriteObject(Emitter emitter, JsonElement value, string path, ref int masked)
    {
        emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Any));
        // An environment entry: the name says what the value is.
        var secret = path.EndsWith("/env", StringComparison.Ordinal) && value.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String && LooksSecret(name.GetString()!);
        foreach (var property in value.EnumerateObject())
        {
            if ((path == "/metadata" && property.Name == "managedFields") || (path == "/metadata/annotations" && LeftOutAnnotations.Contains(property.Name)))
                continue;
            WriteText(emitter, property.Name);
            if (property.Value.ValueKind != JsonValueKind.String)
            {
                Write(emitter, property.Value, $"{path}/{property.Name}", ref masked);
                continue;
            }
            var said = property.Value.GetString()!;
            var shown = said.Length > 0 && ((secret && property.Name == "value") || (path == "/metadata/annotations" && LooksSecret(property.Name))) ? Hidden
                : path.EndsWith("/env", StringComparison.Ordinal) && property.Name == "value" || path == "/metadata/annotations" ? WithoutPasswords(said)
                : said;
            if (shown != said)
                masked++;
            WriteText(emitter, shown);
        }
        emitter.Emit(new MappingEnd());
    }

    private static bool IsCommand(string path) => path.EndsWith("/args", StringComparison.Ordinal) || path.EndsWith("/command", StringComparison.Ordinal);

    /// <summary><c>--password=x</c>, <c>--requirepass x</c> (the next one), <c>postgres://u:p@host</c>; and whole scripts, line by line.</summary>
    private static (string Shown, bool Hidden, bool NextIsSecret) Argument(string argument, bool secretByName)
    {
        if (secretByName && !argument.StartsWith('-'))
            return (Hidden, true, false);
        if (argument.StartsWith('-') && !argument.Contains(' ', StringComparison.Ordinal) && LooksSecret(argument.Split('=')[0]))
            return argument.Contains('=', StringComparison.Ordinal) ? ($"{argument[..argument.IndexOf('=', StringComparison.Ordinal)]}={Hidden}", true, false) : (argument, false, true);
        var shown = WithoutPasswords(SecretOption().Replace(argument, m => $"{m.Groups["name"].Value}{m.Groups["gap"].Value}{Hidden}"));
        return (shown, shown != argument, false);
    }

    private static string WithoutPasswords(string text) => UserInfo().Replace(text, m => $"{m.Groups["user"].Value}:{Hidden}@");

    private static void WriteText(Emitter emitter, string text) =>
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, StyleOf(text), isPlainImplicit: true, isQuotedImplicit: true));

    private static void Plain(Emitter emitter, string text) =>
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));

    /// <summary>A string that YAML would read as something else is quoted; a script keeps its lines.</summary>
    private static ScalarStyle StyleOf(string text) =>
        text.Contains('\n', StringComparison.Ordinal) && !text.Contains('\t', StringComparison.Ordinal) && !text.Contains(" \n", StringComparison.Ordinal) ? ScalarStyle.Literal
        : text.Length == 0 || NotAString().IsMatch(text) ? ScalarStyle.DoubleQuoted
        : ScalarStyle.Any;

    [GeneratedRegex("pass(word|wd|phrase)|passw|(?<!com|by|tres|sur|over|under)pass($|[^a-z])|(?-i:Pass)$|pwd$|masterauth|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|encryption[-_]?key|credential|(^|[-_])(auth|dsn|pwd)($|[-_])|connection[-_]?string", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SecretName();

    [GeneratedRegex("(?<name>--?[a-z0-9_-]*(pass|passw|secret|token|masterauth|api-?key)[a-z0-9_-]*)(?<gap>[= ]+)(\"[^\"]*\"|'[^']*'|[^\\s\"']+)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SecretOption();

    [GeneratedRegex("(?<user>[a-z][a-z0-9+.-]*://[^\\s:/@]*):[^\\s@/]+@", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UserInfo();

    [GeneratedRegex("^([-+]?([0-9][0-9_]*(\\.[0-9_]*)?|\\.[0-9_]+)(e[-+]?[0-9]+)?|0x[0-9a-f]+|0o?[0-7]+|[0-9]+(:[0-9]{2})+|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?|[-+.]?\\.?(inf|nan)|true|false|yes|no|on|off|y|n|null|~|=|<<)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NotAString();
}
