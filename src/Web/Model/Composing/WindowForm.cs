using Rollcall.Shared;
using SpecDurations = Rollcall.Engine.Documents.Durations;

namespace Rollcall.Web.Model.Composing;

/// <summary>A window as it is being typed.</summary>
public sealed class WindowForm
{
    /// <summary>Keeps the row's identity.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    public string Name { get; set; } = "";
    public string Cron { get; set; } = "";
    public string Duration { get; set; } = "";
    public string TimeZone { get; set; } = "";

    public static WindowForm From(WindowSpec window) => new() { Name = window.Name, Cron = window.Cron, Duration = SpecDurations.Write(window.Duration), TimeZone = window.TimeZone };

    /// <summary>What a person who ticks the box most likely means, to be changed.</summary>
    public static WindowForm AtNight() => new() { Cron = "0 2 * * *", Duration = "2h", TimeZone = "UTC" };

    public static WindowForm Weekend() => new() { Name = "Weekend", Cron = "0 18 * * 5", Duration = "62h", TimeZone = "UTC" };
}
