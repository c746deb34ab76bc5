using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

public sealed class SubjectAccessTests
{
    private static readonly Caller Ann = new("ann@example.org", [Caller.Operator], ["dba"]);
    private static readonly ClusterKey Orders = new("shop", "orders");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_Allowed_IsNoRefusal_AndAsksForTheReviewOfThatPerson()
    {
        await using var api = await ScriptedApi.StartAsync();
        api.Answer(201, """{"kind":"SubjectAccessReview","status":{"allowed":true}}""");
        Assert.Null(await new SubjectAccess(api.Connection, "oidc:", "oidc:").CheckAsync(Ann, Orders, ClusterKind.StatefulSetGroup, Ct));
        Assert.Contains("/apis/authorization.k8s.io/v1/subjectaccessreviews", await api.NextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ClusterKind.StatefulSetGroup, "statefulsets.apps")]
    [InlineData(ClusterKind.Cluster, "clusters.apps.kubeblocks.io")]
    public async Task Check_NotAllowed_IsForbiddenAndSaysWhoWhatAndWhere(ClusterKind kind, string resource)
    {
        await using var api = await ScriptedApi.StartAsync();
        api.Answer(201, """{"kind":"SubjectAccessReview","status":{"allowed":false,"reason":"no RBAC policy matched"}}""");
        var refusal = (await new SubjectAccess(api.Connection, "oidc:", "").CheckAsync(Ann, Orders, kind, Ct))!;
        Assert.Equal(RefusalKind.Forbidden, refusal.Kind);
        Assert.Equal($"Kubernetes does not let oidc:ann@example.org patch {resource} in the namespace shop (no RBAC policy matched); Rollcall does not do it for them.", refusal.Message);
    }

    [Theory]
    [InlineData(403, "subjectaccessreviews.authorization.k8s.io")]
    [InlineData(500, "could not be asked")]
    public async Task Check_ThatCannotBeAsked_IsARefusal(int code, string says)
    {
        await using var api = await ScriptedApi.StartAsync();
        api.Refuse(code, "Nope");
        var refusal = (await new SubjectAccess(api.Connection, "", "").CheckAsync(Ann, Orders, ClusterKind.StatefulSetGroup, Ct))!;
        Assert.Equal(RefusalKind.Unavailable, refusal.Kind);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_AnAnswerWithoutAVerdict_IsForbidden()
    {
        await using var api = await ScriptedApi.StartAsync();
        api.Answer(201, """{"kind":"SubjectAccessReview"}""");
        Assert.Equal(RefusalKind.Forbidden, (await new SubjectAccess(api.Connection, "", "").CheckAsync(Ann, Orders, ClusterKind.StatefulSetGroup, Ct))!.Kind);
    }
}
