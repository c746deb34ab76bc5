using System.Reflection;
using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;
using Rollcall.Engine.Kubernetes.Api;
using Xunit;

namespace Rollcall.Unit.Web;

/// <summary>The manifests against the code: every kind that is observed may be read, and what only looks may do nothing else.</summary>
public sealed class DeployTests
{
    private static readonly string[] Reading = ["get", "list", "watch"];

    private static IEnumerable<KubeKind> Kinds => typeof(KubeKind).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.FieldType == typeof(KubeKind)).Select(f => (KubeKind)f.GetValue(null)!);

    [Theory]
    [InlineData("rbac.yaml")]
    [InlineData("rbac-read-only.yaml")]
    public void Role_LetsEveryObservedKindBeRead(string file)
    {
        var role = Role(file);
        // Leases are custody's, Jobs are ours: they are read one by one when there is something to act on.
        Assert.All(Kinds.Where(k => k != KubeKind.Leases && k != KubeKind.Jobs), kind => Assert.All(Reading, verb => Assert.True(Allows(role, kind.Group, kind.Plural, verb), $"{verb} {kind.Plural}")));
    }

    [Fact]
    public void ReadOnlyRole_AllowsNothingButReading() => Assert.All(Role("rbac-read-only.yaml").Rules, r => Assert.Empty(r.Verbs.Except(Reading)));

    [Theory]
    [InlineData("apps", "statefulsets", "patch")]
    [InlineData("apps.kubeblocks.io", "clusters", "patch")]
    [InlineData("operations.kubeblocks.io", "opsrequests", "create")]
    [InlineData("", "pods/eviction", "create")]
    [InlineData("", "pods", "delete")]
    [InlineData("", "pods/exec", "get")]
    [InlineData("", "pods/exec", "create")]
    [InlineData("", "pods/proxy", "get")]
    [InlineData("batch", "jobs", "create")]
    [InlineData("batch", "jobs", "get")]
    [InlineData("batch", "jobs", "watch")]
    [InlineData("", "pods/log", "get")]
    [InlineData("dataprotection.kubeblocks.io", "backups", "create")]
    [InlineData("", "events", "create")]
    [InlineData("", "events", "get")]
    [InlineData("", "events", "patch")]
    [InlineData("coordination.k8s.io", "leases", "get")]
    [InlineData("coordination.k8s.io", "leases", "create")]
    [InlineData("coordination.k8s.io", "leases", "update")]
    [InlineData("coordination.k8s.io", "leases", "delete")]
    public void FullRole_AllowsEveryAct(string group, string resource, string verb) => Assert.True(Allows(Role("rbac.yaml"), group, resource, verb));

    [Fact]
    public void FullRole_ReachesForNothingElse()
    {
        var role = Role("rbac.yaml");
        Assert.DoesNotContain(role.Rules, r => r.Resources.Contains("*") || r.Verbs.Contains("*") || r.ApiGroups.Contains("*"));
        Assert.False(Allows(role, "", "secrets", "get"));
        Assert.False(Allows(role, "batch", "jobs", "delete"));
        Assert.False(Allows(role, "dataprotection.kubeblocks.io", "backups", "delete"));
        // Rollcall never writes what KubeBlocks owns.
        Assert.False(Allows(role, "apps.kubeblocks.io", "components", "patch"));
        Assert.False(Allows(role, "workloads.kubeblocks.io", "instancesets", "patch"));
        Assert.False(Allows(role, "", "pods", "patch"));
    }

    [Fact]
    public void Deployment_IsOneRollcall_WithoutRoot()
    {
        var deployment = Assert.Single(Load("rollcall.yaml").OfType<V1Deployment>());
        Assert.Equal((1, "Recreate"), (deployment.Spec.Replicas, deployment.Spec.Strategy.Type));
        Assert.True(deployment.Spec.Template.Spec.SecurityContext.RunAsNonRoot);
        Assert.False(Assert.Single(deployment.Spec.Template.Spec.Containers).SecurityContext.AllowPrivilegeEscalation);
    }

    private static bool Allows(V1ClusterRole role, string group, string resource, string verb) => role.Rules.Any(r => r.ApiGroups.Contains(group) && r.Resources.Contains(resource) && r.Verbs.Contains(verb));

    private static V1ClusterRole Role(string file) => Assert.Single(Load(file).OfType<V1ClusterRole>());

    private static List<object> Load(string file) => KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(Root(), "deploy", file)));

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
