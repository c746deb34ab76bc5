using System.Collections.Immutable;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Components.Controls;
using Rollcall.Web.Components.Dialogs;
using Xunit;

namespace Rollcall.Components;

public sealed class AccountDialogTests
{
    private static readonly AccountView Olaf = new("a1", "Olaf", [Caller.Operator, Caller.Approver], ["dba"], true, 0, "Ada", Samples.T0, Samples.T0, null);

    [Fact]
    public async Task Change_GivesTheChosenRolesAndGroups_AndCloses()
    {
        await using var context = Mud();
        (string Roles, string Groups)? asked = null;
        var dialog = await OpenAsync(context, own: false, (roles, groups) =>
        {
            asked = (roles, groups);
            return null;
        });

        Assert.Equal("operator,approver", dialog.Find("#change-role").GetAttribute("value"));
        Assert.Equal("dba", dialog.Find("#change-groups").GetAttribute("value"));
        Assert.True(dialog.Find("button.primary").HasAttribute("disabled"));
        await dialog.Find("#change-role").ChangeAsync("viewer");
        await dialog.Find("#change-groups").InputAsync("");
        await dialog.Find("button.primary").ClickAsync();

        Assert.Equal(("viewer", ""), asked);
        dialog.WaitForAssertion(() => Assert.Empty(dialog.FindAll("#change-role")));
    }

    [Fact]
    public async Task Change_Refused_StaysOpenAndSaysWhyBesideTheField()
    {
        await using var context = Mud();
        var dialog = await OpenAsync(context, own: true, (_, _) => new Refusal(RefusalKind.Invalid, "The account cannot be changed.") { Errors = [new SpecError("/groups", 0, "A group is one word.", [])] });

        Assert.Contains("This is your own account", dialog.Markup, StringComparison.Ordinal);
        await dialog.Find("#change-groups").InputAsync("two words");
        await dialog.Find("button.primary").ClickAsync();

        Assert.Equal("A group is one word.", dialog.Find(".wrong").TextContent);
        Assert.Equal("true", dialog.Find("#change-groups").GetAttribute("aria-invalid"));
    }

    [Theory]
    [InlineData("viewer", "viewer")]
    [InlineData("viewer,operator", "operator")]
    [InlineData("approver,operator", "operator,approver")]
    [InlineData("operator,admin", "admin")]
    public void RoleOption_OfRoles_IsTheOneThatGivesNoMore(string roles, string option) => Assert.Equal(option, RoleOptions.Of(roles.Split(',').ToImmutableArray()));

    private static BunitContext Mud()
    {
        var context = new BunitContext();
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        context.Services.AddMudServices();
        return context;
    }

    private static async Task<IRenderedComponent<MudDialogProvider>> OpenAsync(BunitContext context, bool own, Func<string, string, Refusal?> change)
    {
        context.Render<MudPopoverProvider>();
        var provider = context.Render<MudDialogProvider>();
        await provider.InvokeAsync(() => AccountDialog.AskAsync(context.Services.GetRequiredService<IDialogService>(), Olaf, own, (roles, groups) => Task.FromResult(change(roles, groups))));
        provider.WaitForElement("#change-role");
        return provider;
    }
}
