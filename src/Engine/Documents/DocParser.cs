using System.Collections.Immutable;
using System.Text;
using Rollcall.Shared;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Rollcall.Engine.Documents;

/// <summary>
/// Reads one YAML document (JSON is a subset of it) into nodes that know their lines. Bounded in size, depth and weight, so that a document with nested aliases costs no more than a long one.
/// </summary>
internal static class DocParser
{
    /// <summary>Bytes of UTF-8.</summary>
    public const int MaxBytes = 64 * 1024;
    public const int MaxDepth = 24;
    /// <summary>Nodes with every alias expanded.</summary>
    public const int MaxWeight = 10_000;

    /// <summary>The root, or null when the text is no document at all; what is wrong goes to <paramref name="errors"/>.</summary>
    public static DocNode? Parse(string text, DocErrors errors)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > MaxBytes)
        {
            errors.Add("", 1, $"The document is {bytes} bytes long; at most {MaxBytes} are read.");
            return null;
        }
        try
        {
            return new Reading(new Parser(new StringReader(text)), errors).Document();
        }
        catch (TooMuchException e)
        {
            errors.Add("", e.Line, e.Message);
            return null;
        }
        catch (YamlException e)
        {
            errors.Add("", Math.Max(1, (int)e.Start.Line), $"This is neither YAML nor JSON: {Plain(e.Message)}");
            return null;
        }
    }

    /// <summary>YamlDotNet puts "(Line: 1, Col: 2, Idx: 3) - (…): " before some of its messages; the line is said elsewhere.</summary>
    private static string Plain(string message)
    {
        var end = message.LastIndexOf("): ", StringComparison.Ordinal);
        var plain = (message.StartsWith('(') && end > 0 ? message[(end + 3)..] : message).Trim();
        return plain.EndsWith('.') ? plain : plain + ".";
    }

    private sealed class TooMuchException(string message, int line) : Exception(message)
    {
        public int Line { get; } = line;
    }

    private sealed class Reading(Parser parser, DocErrors errors)
    {
        private readonly Dictionary<string, DocNode> _anchors = new(StringComparer.Ordinal);

        public DocNode? Document()
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                errors.Add("", 1, "The document is empty.");
                return null;
            }
            parser.Consume<DocumentStart>();
            var root = Node("", 0);
            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _))
                errors.Add("", parser.Current is { } next ? (int)next.Start.Line : 1, "There is a second document; give one at a time.");
            return root;
        }

        private DocNode Node(string path, int depth)
        {
            var line = (int)parser.Current!.Start.Line;
            if (parser.TryConsume<AnchorAlias>(out var alias))
                return _anchors.TryGetValue(alias.Value.Value, out var anchored) ? anchored : throw new TooMuchException($"The alias *{alias.Value.Value} stands before its anchor is complete.", line);
            if (depth > MaxDepth)
                throw new TooMuchException($"The document is nested deeper than {MaxDepth} levels.", line);
            var anchor = (parser.Current as NodeEvent)?.Anchor ?? AnchorName.Empty;
            if (parser.Current is NodeEvent { Tag.IsEmpty: false } tagged && !Core(tagged.Tag.Value))
                errors.Add(path, line, $"The tag {tagged.Tag.Value} is not read here; write the value without a tag.");
            DocNode node = parser.Current switch
            {
                MappingStart => Map(path, depth, line),
                SequenceStart => List(path, depth, line),
                _ => Scalar(line),
            };
            if (node.Weight > MaxWeight)
                throw new TooMuchException($"The document says more than {MaxWeight} things once its aliases are expanded.", line);
            if (!anchor.IsEmpty)
                _anchors[anchor.Value] = node;
            return node;
        }

        private DocScalar Scalar(int line)
        {
            var scalar = parser.Consume<Scalar>();
            return new DocScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, line);
        }

        private DocList List(string path, int depth, int line)
        {
            parser.Consume<SequenceStart>();
            var items = ImmutableArray.CreateBuilder<DocNode>();
            while (!parser.TryConsume<SequenceEnd>(out _))
                items.Add(Node($"{path}/{items.Count}", depth + 1));
            return new DocList(items.ToImmutable(), line);
        }

        private DocMap Map(string path, int depth, int line)
        {
            parser.Consume<MappingStart>();
            var entries = ImmutableArray.CreateBuilder<DocEntry>();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var at = (int)parser.Current!.Start.Line;
                if (Node(path, depth + 1) is not DocScalar key)
                {
                    errors.Add(path, at, "A key must be a word, not a list or an object.");
                    Node(path, depth + 1);
                    continue;
                }
                var value = Node(Pointer.Child(path, key.Text), depth + 1);
                if (entries.FirstOrDefault(e => e.Key == key.Text) is { } first)
                    errors.Add(Pointer.Child(path, key.Text), at, $"'{key.Text}' is given twice; the first is on line {first.Line}.");
                else
                    entries.Add(new DocEntry(key.Text, at, value));
            }
            return new DocMap(entries.ToImmutable(), line);
        }

        private static bool Core(string tag) => tag is "!" or "tag:yaml.org,2002:str" or "tag:yaml.org,2002:map" or "tag:yaml.org,2002:seq" or "tag:yaml.org,2002:int" or "tag:yaml.org,2002:bool";
    }
}
