using ClickNBack.MerchantSimulator;
using ClickNBack.ServiceDefaults;
using Microsoft.Extensions.Hosting;

return await ExitCode.OfAsync(async () =>
{
    using var simulator = Host.CreateApplicationBuilder(args).AddSimulator().Build();
    await simulator.RunAsync();
    return ExitCode.Success;
});
