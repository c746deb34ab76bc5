using Rollcall.Web.Keeping;

namespace Rollcall.Web.Screens;

/// <summary>The status screens on disk.</summary>
public sealed class ScreenFile(string path) : StateFile<ScreenState>(path, "list of status screens", "the links to the old screens then end");
