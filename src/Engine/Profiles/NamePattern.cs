using System.IO.Enumeration;

namespace Rollcall.Engine.Profiles;

/// <summary>Patterns over component names: <c>*</c> stands for anything, everything else for itself.</summary>
public static class NamePattern
{
    public static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
