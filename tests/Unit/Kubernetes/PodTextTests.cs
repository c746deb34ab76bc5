using System.Text.Json;
using Rollcall.Engine.Kubernetes.Looking;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

/// <summary>A Pod's YAML as it is shown: readable, round, and without what is nobody's business.</summary>
public sealed class PodTextTests
{
    private static (string Yaml, int Masked) Show(string json)
    {
        using var document = JsonDocument.Parse(json);
        return PodText.Of(document.RootElement);
    }

    [Fact]
    public void Of_APod_LeavesOutManagedFieldsAndTheCopyOfItself()
    {
        var (yaml, masked) = Show("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"orders-0","managedFields":[{"manager":"kubectl"}],"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"password\":\"x\"}","team":"dba"}},"spec":{"containers":[]}}
            """);
        Assert.Equal("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: orders-0
              annotations:
                team: dba
            spec:
              containers: []

            """.ReplaceLineEndings("\n"), yaml);
        Assert.Equal(0, masked);
    }

    [Theory]
    [InlineData("REDIS_PASSWORD", true)]
    [InlineData("POSTGRES_PASS", true)]
    [InlineData("mongoRootPwd", true)]
    [InlineData("SESSION_TOKEN", true)]
    [InlineData("AWS_SECRET_ACCESS_KEY", true)]
    [InlineData("API_KEY", true)]
    [InlineData("DB_DSN", true)]
    [InlineData("REDIS_PORT", false)]
    [InlineData("requirepass", true)]
    [InlineData("COMPASS_HOST", false)]
    [InlineData("PROXY_BYPASS", false)]
    [InlineData("AUTHOR", false)]
    public void Of_AnEnvironmentValue_IsHiddenWhenItsNameSaysSo(string name, bool hidden)
    {
        var (yaml, masked) = Show($$"""{"spec":{"containers":[{"env":[{"name":"{{name}}","value":"xyzzy"}]}]} }""");
        Assert.Equal(hidden, !yaml.Contains("xyzzy", StringComparison.Ordinal));
        Assert.Equal(hidden ? 1 : 0, masked);
        Assert.Contains(name, yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AReferenceToASecret_StaysAReference()
    {
        var (yaml, masked) = Show("""{"spec":{"containers":[{"env":[{"name":"PASSWORD","valueFrom":{"secretKeyRef":{"name":"orders","key":"password"}}}]}]}}""");
        Assert.Contains("secretKeyRef", yaml, StringComparison.Ordinal);
        Assert.Contains("name: orders", yaml, StringComparison.Ordinal);
        Assert.Equal(0, masked);
    }

    [Theory]
    [InlineData("""["--requirepass","xyzzy","--port","6379"]""")]
    [InlineData("""["--password=xyzzy"]""")]
    [InlineData("""["sh","-c","redis-server --requirepass xyzzy --port 6379"]""")]
    [InlineData("""["postgres://app:xyzzy@db:5432/app"]""")]
    public void Of_APasswordOnTheCommandLine_IsHiddenAndTheRestStays(string args)
    {
        var (yaml, masked) = Show($$"""{"spec":{"containers":[{"args":{{args}} }]} }""");
        Assert.DoesNotContain("xyzzy", yaml, StringComparison.Ordinal);
        Assert.Equal(1, masked);
        if (args.Contains("6379", StringComparison.Ordinal))
            Assert.Contains("6379", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AnAddressInAnEnvironmentValue_LosesItsPasswordOnly()
    {
        var (yaml, masked) = Show("""{"spec":{"containers":[{"env":[{"name":"UPSTREAM","value":"redis://default:xyzzy@orders:6379"}]}]}}""");
        Assert.Contains("redis://default:(hidden)@orders:6379", yaml, StringComparison.Ordinal);
        Assert.Equal(1, masked);
    }

    [Fact]
    public void Of_StringsThatLookLikeOtherThings_StayStrings()
    {
        var (yaml, _) = Show("""{"a":"true","b":"8","c":"","d":"null","e":true,"f":8,"g":"0.5","h":"one\ntwo\n"}""");
        Assert.Equal("""
            a: "true"
            b: "8"
            c: ""
            d: "null"
            e: true
            f: 8
            g: "0.5"
            h: |
              one
              two

            """.ReplaceLineEndings("\n"), yaml);
    }
}
