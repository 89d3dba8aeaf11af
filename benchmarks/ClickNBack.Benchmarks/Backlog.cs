using System.Diagnostics;

namespace ClickNBack.Benchmarks;

/// <summary>How fast the API's verification job resolves purchases that are due.</summary>
/// <param name="Processes">How many APIs share the work.</param>
/// <param name="Purchases">How many are due at once.</param>
/// <param name="Taken">From then on until none of them is pending.</param>
internal sealed record Backlog(int Processes, int Purchases, TimeSpan Taken)
{
    private const int Most = 40_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public double PerSecond => Purchases / Taken.TotalSeconds;

    /// <summary>Measures one API, which runs already, and then two.</summary>
    public static async Task<IReadOnlyList<Backlog>> MeasureAsync(
        BenchmarkEnvironment environment,
        MeasuredProcess api,
        Workload ingestion
    )
    {
        await using var second = await environment.StartApiAsync("second-api");
        using var load = new Load(api.Address);
        using var secondLoad = new Load(second.Address);
        await environment.SwitchConfirmationAsync(on: true);
        var pending = await environment.ReadAsync<long>("SELECT count(*) FROM purchases WHERE status = 'pending'");
        var quarter = Math.Min(Most, (int)pending) / 4;
        await ClearAsync([load], quarter); // so that the compiler is done with it
        await ClearAsync([secondLoad], quarter);
        var alone = await ClearAsync([load], quarter);
        var together = await ClearAsync([load, secondLoad], quarter);
        await environment.SwitchConfirmationAsync(on: false);
        await environment.CheckMoneyAsync();
        return [alone, together];

        async Task<Backlog> ClearAsync(IReadOnlyList<Load> apis, int most)
        {
            var youngest = await environment.ReadAsync<DateTime>(
                $"SELECT max(created_at) FROM (SELECT created_at FROM purchases WHERE status = 'pending' ORDER BY created_at LIMIT {most}) AS oldest"
            );
            var taken = $"status = 'pending' AND created_at <= '{youngest:O}'";
            var due = await environment.ReadAsync<long>(
                $"WITH due AS (UPDATE purchases SET next_verification_at = now() WHERE {taken} RETURNING id) SELECT count(*) FROM due"
            );
            // The oldest is an index's first entry: counting would be a load of its own.
            var left =
                $"SELECT coalesce(min(created_at) <= '{youngest:O}', false) FROM purchases WHERE status = 'pending'";
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(apis.Select(it => it.SendAsync(ingestion, 1))); // a new purchase wakes the job
            while (await environment.ReadAsync<bool>(left))
            {
                if (Stopwatch.GetElapsedTime(start) > Patience)
                {
                    throw new TimeoutException($"The job does not clear {due} purchases.");
                }

                await Task.Delay(20);
            }

            return new(apis.Count, (int)due, Stopwatch.GetElapsedTime(start));
        }
    }
}
