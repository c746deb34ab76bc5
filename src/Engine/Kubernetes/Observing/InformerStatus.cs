namespace Rollcall.Engine.Kubernetes.Observing;

public enum InformerHealth
{
    /// <summary>Nothing heard yet.</summary>
    Starting,
    /// <summary>Listed and watching.</summary>
    Watching,
    /// <summary>The kind is not installed (404).</summary>
    Absent,
    /// <summary>RBAC says no (403).</summary>
    Forbidden,
    /// <summary>The server does not answer, or answers nonsense; it is tried again.</summary>
    Failing,
}

/// <param name="Conclusive">A first list is through, or it is known that there is none: absence means something now.</param>
public sealed record InformerStatus(InformerHealth Health, string Message, bool Conclusive);

/// <summary>Where an object lives; the namespace is empty for what has none.</summary>
public readonly record struct ObjectKey(string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}
