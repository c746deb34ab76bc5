using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Notifying;
using Rollcall.Shared;

namespace Rollcall.Web.Components.Controls;

/// <summary>Whom notifications go to, how the last ones fared, and, for admins, a test and another try. <see cref="Notices"/> checks again on every call.</summary>
public sealed partial class NoticesPanel
{
    private const int Shown = 50;

    private ImmutableArray<NoticeView>? _latest;
    private bool _admin;

    [Inject] public required Notices Notices { get; init; }

    private NoticeTarget Target => Notices.Target;

    protected override void OnParametersSet() => _admin = Caller.Is(Caller.Admin);

    protected override Func<CancellationToken, Task> Mark()
    {
        var version = Notices.Version;
        return ct => Notices.WhenAfterAsync(version, ct);
    }

    /// <summary>Reading is a query and not a glance at memory: it renders when the rows are there.</summary>
    protected override bool Refresh()
    {
        _ = InvokeAsync(ReadAsync);
        return false;
    }

    private async Task ReadAsync()
    {
        try
        {
            _latest = await Notices.LatestAsync(Shown, CancellationToken.None);
            StateHasChanged();
        }
        catch (Exception fault)
        {
            await DispatchExceptionAsync(fault);
        }
    }

    private async Task TestAsync() => await Desk.TryAsync(async () => await Notices.TestAsync(await Callers.GetAsync()));

    private async Task AgainAsync(NoticeView notice) => await Desk.TryAsync(async () => await Notices.SendAgainAsync(notice.Key, await Callers.GetAsync()));
}
