using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using ClickNBack.MerchantSimulator;

namespace ClickNBack.Benchmarks;

/// <summary>
/// Has all merchants report all purchases, by signed messages, and watches one API match them; then uploads files, and has PostgreSQL
/// explain what it does.
/// </summary>
internal sealed class MatchingRun(BenchmarkEnvironment environment, int purchases)
{
    private const int MessageSize = 1000;
    private const int Senders = 4;
    private const int FileRows = 100_000;
    private const int Looks = 10;
    private const int MessagesToExplain = 15;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private const string Left = "SELECT EXISTS (SELECT FROM reported_transactions WHERE state = 'new')";

    private readonly Dictionary<Guid, string> _secrets = [];
    private int _messages;

    /// <summary>Measures, on a database of its own.</summary>
    public static async Task<Matching> MeasureAsync(Options options)
    {
        await using var environment = await BenchmarkEnvironment.CreateAsync(
            options.Users,
            options.Purchases,
            pending: 1
        );
        await environment.SwitchConfirmationAsync(on: true);
        var administrator = environment.People[0];
        await environment.ExecuteAsync($"UPDATE users SET role = 'admin' WHERE id = '{administrator.Id}'");
        return await new MatchingRun(environment, options.Purchases).RunAsync(administrator);
    }

    private async Task<Matching> RunAsync(Person administrator)
    {
        await using var api = await environment.StartApiAsync("reports-api", verification: "reports");
        using var client = new HttpClient { BaseAddress = api.Address, Timeout = TimeSpan.FromMinutes(10) };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", administrator.Authorization);
        foreach (var merchant in environment.Merchants)
        {
            _secrets[merchant] = await NewSecretAsync(client, merchant);
        }

        var start = Stopwatch.GetTimestamp();
        var receiving = ReportAllAsync(api.Address);
        var received = receiving.ContinueWith(_ => Stopwatch.GetElapsedTime(start), TaskScheduler.Default);
        var progress = await WatchAsync(api, receiving, start);
        var matched = Stopwatch.GetElapsedTime(start);
        var outcomes = await OutcomesAsync();
        var files = await UploadAsync(api, client);
        var plans = await ExplainAsync();
        await environment.CheckMoneyAsync();
        return new(Loaded.Of(environment), purchases, await received, matched, outcomes, progress, files, plans);
    }

    private static async Task<string> NewSecretAsync(HttpClient client, Guid merchant)
    {
        using var answer = await client.PostAsync($"/api/v1/merchants/{merchant}/webhook-secrets", content: null);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
    }

    // Of a hundred orders four are declined, and two have another amount.
    private async Task ReportAllAsync(Uri server)
    {
        var messages = Channel.CreateBounded<(Guid Merchant, string Body)>(2 * Senders);
        var sending = Enumerable.Range(0, Senders).Select(_ => Task.Run(SendAllAsync)).ToList();
        await using var command = environment.Owner.CreateCommand(
            "SELECT merchant_id, external_id, amount FROM purchases ORDER BY merchant_id, md5(external_id)"
        );
        command.CommandTimeout = 0;
        await using var row = await command.ExecuteReaderAsync();
        var (merchant, transactions, number) = (Guid.Empty, new List<string>(MessageSize), 0);
        while (await row.ReadAsync())
        {
            if (transactions.Count == MessageSize || (row.GetGuid(0) != merchant && transactions.Count > 0))
            {
                await messages.Writer.WriteAsync((merchant, Body(transactions)));
                transactions.Clear();
            }

            merchant = row.GetGuid(0);
            var kind = number++ % 100;
            transactions.Add(
                Transaction(
                    row.GetString(1),
                    kind is 4 or 5 ? row.GetDecimal(2) + 1 : row.GetDecimal(2),
                    kind < 4 ? "declined" : "approved"
                )
            );
        }

        await messages.Writer.WriteAsync((merchant, Body(transactions)));
        messages.Writer.Complete();
        await Task.WhenAll(sending);

        async Task SendAllAsync()
        {
            using var client = new HttpClient { BaseAddress = server };
            await foreach (var (from, body) in messages.Reader.ReadAllAsync())
            {
                await SendAsync(client, from, body);
            }
        }
    }

    private async Task SendAsync(HttpClient client, Guid merchant, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/merchants/{merchant}/reports")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        var id = $"message-{Interlocked.Increment(ref _messages)}";
        foreach (
            var (name, value) in StandardWebhook.Headers(_secrets[merchant], id, TimeProvider.System.GetUtcNow(), body)
        )
        {
            request.Headers.Add(name, value);
        }

        using var answer = await client.SendAsync(request);
        if (answer.StatusCode != HttpStatusCode.Accepted)
        {
            throw new InvalidOperationException(
                $"A report was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}"
            );
        }
    }

    // Counting would be a load of its own: the server's statistics say how many movements of money there were.
    private async Task<List<Progress>> WatchAsync(MeasuredProcess api, Task receiving, long start)
    {
        const string Moved = "SELECT pg_stat_get_tuples_inserted('transfers'::regclass)";
        var (before, step) = (await environment.ReadAsync<long>(Moved), Math.Max(1, purchases / Looks));
        var progress = new List<Progress> { Now(0) };
        while (!receiving.IsCompleted || await environment.ReadAsync<bool>(Left))
        {
            await Task.Delay(Pause);
            var decided = await environment.ReadAsync<long>(Moved) - before;
            if (decided / step > progress[^1].Purchases / step)
            {
                progress.Add(Now(decided));
                await Console.Error.WriteLineAsync($"{progress[^1]}");
            }
        }

        await receiving;
        return progress;

        Progress Now(long decided)
        {
            var memory = api.Memory();
            return new(Stopwatch.GetElapsedTime(start), decided, memory.Proportional, memory.Heap);
        }
    }

    private async Task<List<string>> OutcomesAsync()
    {
        await using var command = environment.Owner.CreateCommand(
            """
            SELECT status, count(*), (SELECT count(*) FROM cases WHERE decided_at IS NULL) FROM purchases GROUP BY status ORDER BY 2 DESC
            """
        );
        command.CommandTimeout = 0;
        await using var row = await command.ExecuteReaderAsync();
        var outcomes = new List<string>();
        while (await row.ReadAsync())
        {
            var cases = row.GetString(0) == "pending" ? $" ({row.GetInt64(2)} cases)" : "";
            outcomes.Add($"{row.GetInt64(1)} {row.GetString(0)}{cases}");
        }

        return outcomes;
    }

    // Orders that nobody claims: what is measured is the file, not what follows from it.
    private async Task<List<FileStep>> UploadAsync(MeasuredProcess api, HttpClient client)
    {
        var csv = new StringBuilder("order_reference,amount,currency,status,reported_at,reason\n");
        for (var row = 0; row < FileRows; row++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"file-{row},19.90,EUR,approved,2026-01-01T00:00:00Z,\n");
        }

        var bytes = Encoding.UTF8.GetBytes(csv.ToString());
        var steps = new List<FileStep>();
        var id = "";
        for (var time = 1; time <= 2; time++)
        {
            var merchant = environment.Merchants[time];
            await StepAsync(
                $"read and checked, {(time == 1 ? "the first" : "another merchant's")}",
                async () =>
                {
                    using var body = new ByteArrayContent(bytes) { Headers = { ContentType = new("text/csv") } };
                    using var answer = await client.PostAsync(
                        $"/api/v1/merchants/{merchant}/report-files?separator=comma&decimal=point",
                        body
                    );
                    answer.EnsureSuccessStatusCode();
                    id = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
                }
            );
            await StepAsync(
                "confirmed, until all of it was matched",
                async () =>
                {
                    using var answer = await client.PostAsync(
                        $"/api/v1/admin/report-files/{id}/confirmation",
                        content: null
                    );
                    answer.EnsureSuccessStatusCode();
                    while (await environment.ReadAsync<bool>(Left))
                    {
                        await Task.Delay(Pause / 4);
                    }
                }
            );
        }

        return steps;

        async Task StepAsync(string name, Func<Task> action)
        {
            var (before, start) = (api.Memory().Proportional, Stopwatch.GetTimestamp());
            var peak = await api.PeakOfAsync(action());
            steps.Add(new(FileRows, name, Stopwatch.GetElapsedTime(start), before, peak));
            await Console.Error.WriteLineAsync($"{steps[^1]}");
        }
    }

    // Returns of orders that were approved: every statement of a round, on tables that are as large as they get.
    private async Task<IReadOnlyList<Plans>> ExplainAsync()
    {
        await environment.LogPlansAsync(on: true);
        await using var api = await environment.StartApiAsync("explained-reports-api", verification: "reports");
        using var client = new HttpClient { BaseAddress = api.Address };
        var merchants = new Queue<Guid>(environment.Merchants);
        var plans = await Plans.OfAsync(
            environment,
            "reports",
            async () =>
            {
                for (var message = 0; message < MessagesToExplain; message++)
                {
                    var merchant = merchants.Dequeue();
                    await SendAsync(client, merchant, Body(await ReturnsAsync(merchant)));
                    await Task.Delay(Pause); // the job is done with them
                }
            }
        );
        await environment.LogPlansAsync(on: false);
        return [plans];
    }

    private async Task<List<string>> ReturnsAsync(Guid merchant)
    {
        await using var command = environment.Owner.CreateCommand(
            "SELECT external_id, amount FROM purchases WHERE merchant_id = $1 AND status = 'confirmed' LIMIT 500"
        );
        command.Parameters.Add(new() { Value = merchant });
        await using var row = await command.ExecuteReaderAsync();
        var returns = new List<string>();
        while (await row.ReadAsync())
        {
            returns.Add(Transaction(row.GetString(0), row.GetDecimal(1), "returned"));
        }

        return returns;
    }

    private static string Transaction(string order, decimal amount, string status) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"order_reference":"{{order}}","amount":{{amount}},"currency":"EUR","status":"{{status}}","reported_at":"2026-01-01T00:00:00Z"}"""
        );

    private static string Body(IEnumerable<string> transactions) =>
        $$"""{"transactions":[{{string.Join(',', transactions)}}]}""";
}
