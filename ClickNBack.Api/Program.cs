using ClickNBack.Api;
using ClickNBack.ServiceDefaults;

return args switch
{
    ["--version"] => Inquiries.PrintVersion(Console.Out),
    ["healthcheck", .. var rest] => await Inquiries.CheckHealthAsync(rest, Console.Error),
    _ => await ExitCode.OfAsync(async () =>
    {
        await using var app = WebApplication.CreateBuilder(args).AddClickNBack().Build();
        await app.MapClickNBack().RunAsync();
        return ExitCode.Success;
    }),
};
