return await Rollcall.Web.DashboardApplication.RunAsync(args);
