using ClickNBack.MigrationService;
using ClickNBack.ServiceDefaults;

return args is ["--version"]
    ? Inquiries.PrintVersion(Console.Out)
    : await ExitCode.OfAsync(() => MigrationProgram.RunAsync(args, Console.Out));
