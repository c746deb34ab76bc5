using System.Text.Json.Nodes;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Http;

/// <summary>Who may do what: everything, but what the options and the fault plan deny.</summary>
internal sealed class AccessReviews(FaultPlan faults)
{
    public const string User = "rollcall";

    public const string Path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    public void Check(ResourceRequest request)
    {
        if (!faults.IsDenied(request.Verb, request.Resource, request.Namespace))
            return;
        var where = request.Namespace is { } ns ? $" in the namespace \"{ns}\"" : " at the cluster scope";
        throw Semantics.StatusException.Forbidden(request.Kind, request.Name ?? "",
            $"User \"{User}\" cannot {request.Verb} resource \"{request.Resource}\" in API group \"{request.Kind.Group}\"{where}");
    }

    /// <summary>Fills in the status of a SelfSubjectAccessReview.</summary>
    public JsonObject Review(JsonObject review)
    {
        var asked = review.At("spec", "resourceAttributes");
        var resource = asked.Text("resource") ?? "*";
        if (asked.Text("subresource") is { Length: > 0 } subresource)
            resource += "/" + subresource;
        var ns = asked.Text("namespace") is { Length: > 0 } given ? given : null;
        var denied = faults.IsDenied(asked.Text("verb") ?? "*", resource, ns);
        review["kind"] = "SelfSubjectAccessReview";
        review["apiVersion"] = "authorization.k8s.io/v1";
        review.Meta();
        review["status"] = new JsonObject { ["allowed"] = !denied, ["reason"] = denied ? "" : "allowed by the simulator" };
        return review;
    }
}
