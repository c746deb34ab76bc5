using System.Collections.Immutable;
using System.Reflection;
using System.Text.RegularExpressions;
using Rollcall.Shared;

namespace Rollcall.Engine.Profiles;

/// <summary>A profile file that could not be read: its refusal names the file and has one error per line.</summary>
public sealed record ProfileProblem(string File, Refusal Refusal);

/// <summary>
/// The profiles there are: the built-in ones, overridden by name and extended by the files of an optional folder. Immutable; read once at start.
/// </summary>
public sealed class ProfileLibrary
{
    /// <summary>The profile of role-less services, and of everything that nothing else recognises.</summary>
    public const string Generic = "generic";

    private static readonly Lazy<ProfileLibrary> BuiltInLibrary = new(() => new ProfileLibrary(ReadBuiltIn(), []));

    private readonly ImmutableSortedDictionary<string, EngineProfile> _profiles;
    private readonly ImmutableArray<(EngineProfile Profile, ImmutableArray<Regex> Images)> _detectors;

    private ProfileLibrary(IEnumerable<EngineProfile> profiles, ImmutableArray<ProfileProblem> problems)
    {
        var byName = ImmutableSortedDictionary.CreateBuilder<string, EngineProfile>(StringComparer.Ordinal);
        foreach (var profile in profiles)
            byName[profile.Name] = profile;
        _profiles = byName.ToImmutable();
        _detectors = [.. _profiles.Values.Select(p => (p, p.Detect.Images.Select(i => new Regex(i, RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)).ToImmutableArray()))];
        Problems = problems;
    }

    /// <summary>Only the profiles that come with this build.</summary>
    public static ProfileLibrary BuiltIn => BuiltInLibrary.Value;

    /// <summary>Files that were left out because they cannot be read. Whoever starts the process shows them and stops: an override that is not in force would be a surprise.</summary>
    public ImmutableArray<ProfileProblem> Problems { get; }

    /// <summary>By name.</summary>
    public IEnumerable<EngineProfile> All => _profiles.Values;

    /// <summary>The built-in profiles and those of <paramref name="folder"/> (<c>*.yaml</c>, <c>*.yml</c>; null for none). A folder that does not exist is a problem, not an exception.</summary>
    public static ProfileLibrary Load(string? folder)
    {
        if (folder is null)
            return BuiltIn;
        if (!Directory.Exists(folder))
            return new ProfileLibrary(BuiltIn.All, [new ProfileProblem(folder, new Refusal(RefusalKind.NotFound, $"The folder of profiles {folder} does not exist."))]);
        var (profiles, problems) = (new List<EngineProfile>(BuiltIn.All), ImmutableArray.CreateBuilder<ProfileProblem>());
        foreach (var file in Directory.EnumerateFiles(folder).Where(f => Path.GetExtension(f) is ".yaml" or ".yml").Order(StringComparer.Ordinal))
        {
            var read = ReadFile(file);
            if (read.Ok)
                profiles.Add(read.Value);
            else
                problems.Add(new ProfileProblem(file, read.Refusal));
        }
        return new ProfileLibrary(profiles, problems.ToImmutable());
    }

    public EngineProfile? Find(string name) => _profiles.GetValueOrDefault(name);

    /// <summary>
    /// The profile of a cluster. A label that names one wins. Else the longest matching definition prefix, else the first profile (by name) one of whose image expressions matches; else <see cref="Generic"/>.
    /// </summary>
    /// <param name="label">Value of <c>rollcall.dev/profile</c>; a name nobody knows is as good as none (the caller notes it: <see cref="Find"/> is null).</param>
    /// <param name="definitions">Names of ComponentDefinitions or ShardingDefinitions.</param>
    /// <param name="images">Images of the containers, tags and digests included or not.</param>
    public EngineProfile Resolve(string? label, IEnumerable<string> definitions, IEnumerable<string> images)
    {
        if (label is not null && Find(label) is { } named)
            return named;
        var known = definitions.ToList();
        var byDefinition = _profiles.Values
            .SelectMany(p => p.Detect.Definitions.Where(prefix => known.Any(d => d.StartsWith(prefix, StringComparison.Ordinal))).Select(prefix => (Profile: p, prefix.Length)))
            .OrderByDescending(m => m.Length).Select(m => m.Profile).FirstOrDefault();
        if (byDefinition is not null)
            return byDefinition;
        var repositories = images.Select(i => ImageName.Parse(i).Repository).ToList();
        return _detectors.FirstOrDefault(d => d.Images.Any(r => repositories.Exists(r.IsMatch))).Profile ?? _profiles[Generic];
    }

    private static Result<EngineProfile> ReadFile(string file)
    {
        try
        {
            return ProfileReader.Read(File.ReadAllText(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Refusal(RefusalKind.Unavailable, $"The profile {file} cannot be opened: {e.Message}");
        }
    }

    private static IEnumerable<EngineProfile> ReadBuiltIn()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".yaml", StringComparison.Ordinal) && n.Contains(".Profiles.", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var stream = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var read = ProfileReader.Read(stream.ReadToEnd(), "built-in");
            yield return read.Ok ? read.Value : throw new InvalidOperationException($"{resource}: {read.Refusal.Message}");
        }
    }
}
