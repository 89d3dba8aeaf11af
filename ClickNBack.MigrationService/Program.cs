using ClickNBack.MigrationService;
using ClickNBack.ServiceDefaults;

return await ExitCode.OfAsync(() => MigrationProgram.RunAsync(args, Console.Out));
