using System.Globalization;

namespace Rollcall.Simulator.Databases.Mongo;

/// <summary>featureCompatibilityVersion: which one a binary starts with, and which files it reads.</summary>
/// <remarks>Source: MongoDB manual, setFeatureCompatibilityVersion ("for deployments upgraded from …": the one before, until it is raised).</remarks>
internal static class FeatureVersion
{
    /// <summary>The one that a new deployment of this binary gets: 7.0 for 7.0.14.</summary>
    public static string Of(string version)
    {
        var parts = version.Split('.', '-');
        return parts.Length > 1 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var major) && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var minor)
            ? $"{major}.{minor}"
            : version;
    }

    /// <summary>The one that the same binary runs with after an upgrade: 7.0 for 8.0, 8.0 for 8.2, 4.4 for 5.0.</summary>
    public static string Before(string own) => own switch
    {
        "5.0" => "4.4",
        _ when own.EndsWith(".0", StringComparison.Ordinal) && int.TryParse(own[..^2], CultureInfo.InvariantCulture, out var major) => $"{major - 1}.0",
        _ => $"{own.Split('.')[0]}.0",
    };

    public static bool Reads(string version, string files) => Of(version) is var own && (files == own || files == Before(own));

    /// <summary>Whether <paramref name="left"/> is the newer one.</summary>
    public static bool IsNewer(string left, string right) => Parse(left).CompareTo(Parse(right)) > 0;

    /// <summary>What mongod logs before it ends with exit code 62 on files that it does not read.</summary>
    public static string Refusal(string version, string files)
    {
        var own = Of(version);
        var page = $"https://docs.mongodb.com/master/release-notes/{own}-compatibility/#feature-compatibility";
        return "{\"s\":\"F\",\"c\":\"CONTROL\",\"id\":20573,\"ctx\":\"initandlisten\",\"msg\":\"Wrong mongod version\",\"attr\":{\"error\":\"UPGRADE PROBLEM: "
            + "Found an invalid featureCompatibilityVersion document (ERROR: Location4926900: Invalid featureCompatibilityVersion document in admin.system.version: "
            + $"{{ _id: \\\"featureCompatibilityVersion\\\", version: \\\"{files}\\\" }}. See {page}. :: caused by :: Invalid feature compatibility version value, "
            + $"expected '{Before(own)}' or '{own}'. See {page}.). If the current featureCompatibilityVersion is below {Before(own)}, see the documentation on upgrading at "
            + $"https://docs.mongodb.com/master/release-notes/{Before(own)}/#upgrade-procedures.\"}}}}\n";
    }

    private static (int Major, int Minor) Parse(string text)
    {
        var parts = text.Split('.');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
    }
}
