using ClickNBack.Api;
using ClickNBack.ServiceDefaults;

return args is ["healthcheck", .. var options]
    ? await HealthProbe.RunAsync(options, Console.Error)
    : await ExitCode.OfAsync(async () =>
    {
        await using var app = WebApplication.CreateBuilder(args).AddClickNBack().Build();
        await app.MapClickNBack().RunAsync();
        return ExitCode.Success;
    });
