using Rollcall.Engine.Profiles;

namespace Rollcall.Engine.Kubernetes;

/// <summary>Finds the engine profile of a cluster.</summary>
/// <param name="label">What the cluster's own label <c>rollcall.dev/profile</c> says; it wins.</param>
/// <param name="definitions">Names of KubeBlocks definitions.</param>
/// <param name="images">Images of its containers.</param>
public delegate EngineProfile ProfileResolver(string? label, IEnumerable<string> definitions, IEnumerable<string> images);
