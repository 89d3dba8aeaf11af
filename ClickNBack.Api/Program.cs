using ClickNBack.Api;
using ClickNBack.ServiceDefaults;

return await ExitCode.OfAsync(async () =>
{
    await using var app = WebApplication.CreateBuilder(args).AddClickNBack().Build();
    await app.MapClickNBack().RunAsync();
    return ExitCode.Success;
});
