using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Web.Auth;
using Xunit;

namespace Rollcall.Unit.Web;

public sealed class LoginThrottleTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void TenFailures_BlockThatAddressForAMinute_AndNoOther()
    {
        var throttle = new LoginThrottle(_time);
        var (eve, ann) = (From("10.0.0.1"), From("10.0.0.2"));
        for (var i = 0; i < LoginThrottle.Attempts; i++)
        {
            Assert.False(throttle.Blocked(eve));
            throttle.Failed(eve);
        }

        Assert.True(throttle.Blocked(eve));
        Assert.False(throttle.Blocked(ann));
        _time.Advance(LoginThrottle.Window);
        Assert.False(throttle.Blocked(eve));
    }

    private static DefaultHttpContext From(string address) => new() { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
}
