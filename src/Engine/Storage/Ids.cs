using System.Security.Cryptography;

namespace Rollcall.Engine.Storage;

/// <summary>Ids of plans and runs: short enough to read out, and a valid part of a Kubernetes object name.</summary>
public static class Ids
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz234567";

    /// <param name="kind">One letter that says what it is: <c>p</c> or <c>r</c>.</param>
    public static string New(char kind) => kind + RandomNumberGenerator.GetString(Letters, 9);
}
