namespace ClickNBack.Benchmarks;

/// <summary>Shows what PostgreSQL is asked by the API and by the bare program: it should be the same.</summary>
internal static class Statements
{
    public static async Task PrintAsync(Options options)
    {
        await using var environment = await BenchmarkEnvironment.CreateAsync(options.Users, options.Purchases);
        await environment.LogStatementsAsync(on: true);
        await PrintAsync("API", environment, await environment.StartApiAsync());
        await PrintAsync("bare", environment, await environment.StartBareAsync());
    }

    private static async Task PrintAsync(string name, BenchmarkEnvironment environment, MeasuredProcess server)
    {
        await using (server)
        {
            using var load = new Load(server.Address);
            foreach (var workload in Workload.All(environment))
            {
                await SendAsync(20); // from the fifth on, statements are prepared
                Console.WriteLine($"\n## {name}: {workload.Name}, and what the job makes of it\n");
                foreach (var line in await environment.StatementsOfAsync(() => SendAsync(1)))
                {
                    Console.WriteLine(line);
                }

                async Task SendAsync(int requests)
                {
                    await load.SendAsync(workload, requests);
                    await Task.Delay(TimeSpan.FromSeconds(1)); // the job is done with them
                }
            }
        }
    }
}
