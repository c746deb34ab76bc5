using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Engine.Execution;
using Rollcall.Web;
using Xunit;

namespace Rollcall.Unit.Web;

public sealed class ReadOnlyTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadOnly_ShowsTheClusters_AndRefusesEveryCommand_AlsoToAnAdmin()
    {
        var folder = Directory.CreateTempSubdirectory("rollcall-readonly-").FullName;
        await using (var app = DashboardApplication.Create(
            ["--urls", "http://127.0.0.1:0", "--database", Path.Combine(folder, "r.db"), "--read-only", "--demo", $"--Rollcall:Auth:BootstrapToken={Dashboard.Token}", "--Logging:LogLevel:Default=Warning"]))
        {
            await app.StartAsync(Ct);
            using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
            client.DefaultRequestHeaders.Authorization = new("Bearer", Dashboard.Token);

            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/clusters", Ct)).StatusCode);
            Assert.Empty(app.Services.GetServices<IWorkloadDriver>());
            foreach (var path in (string[])["plans", "runs", "runs/x:pause", "runs/x:rollback", "runs/x/gates/g:approve"])
            {
                using var body = new StringContent("""{"planId":"x","planHash":"x"}""", Encoding.UTF8, "application/json");
                using var answer = await client.PostAsync($"/api/v1/{path}", body, Ct);
                Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
                Assert.Contains("--read-only", (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("detail").GetString(), StringComparison.Ordinal);
            }
            await app.StopAsync(Ct);
        }
        Directory.Delete(folder, recursive: true);
    }
}
