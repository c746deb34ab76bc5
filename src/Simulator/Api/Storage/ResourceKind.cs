namespace Rollcall.Simulator.Api.Storage;

/// <summary>One row of the table of served kinds, with the few properties in which kinds differ for the API server.</summary>
internal sealed record ResourceKind(string Group, string Version, string Plural, string Kind)
{
    public bool Namespaced { get; init; } = true;

    /// <summary>Served with a <c>status</c> subresource: the main resource ignores status, the subresource everything else.</summary>
    public bool HasStatus { get; init; }

    /// <summary>metadata.generation counts changes of what is wanted.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Defined by a CustomResourceDefinition: no strategic merge patch, no update without resourceVersion, lists carry each item's kind.</summary>
    public bool Custom { get; init; }

    /// <summary>A PUT without resourceVersion overwrites.</summary>
    public bool UnconditionalUpdate { get; init; } = true;

    /// <summary>Deleting without a propagation policy leaves the dependents (batch/v1 Jobs, by their history).</summary>
    public bool OrphansByDefault { get; init; }

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Selectable fields beside metadata.name and metadata.namespace.</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    public string ApiVersion { get; } = Group.Length == 0 ? Version : $"{Group}/{Version}";

    public string GroupResource { get; } = Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public bool Equals(ResourceKind? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
