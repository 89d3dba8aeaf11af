using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Properties;
using ClickNBack.Tests.Properties.Model;
using ClickNBack.Tests.Properties.Operations;
using FsCheck;
using FsCheck.Fluent;
using Npgsql;

namespace ClickNBack.Tests.Soak;

/// <summary>
/// Some users and administrators with merchants of their own. What they do happens in order, so their wallets and answers
/// can be told, while other groups act at the same time. Each request goes to any of the processes. Either the jobs verify
/// the group's purchases, and it waits for them each time, or its administrators alone decide.
/// </summary>
internal sealed class Group(SoakEnvironment environment, Pace pace, Problems problems, bool isVerified)
{
    private const int Operations = 300;
    private const string AutoConfirm = "purchase_auto_confirm";

    private static readonly TimeSpan BeforeMidnight = TimeSpan.FromSeconds(5);

    /// <summary>Acts from the first merchant to the last settled purchase.</summary>
    public async Task ActAsync(CancellationToken stop)
    {
        await using var connection = await environment.ConnectAsync();
        await using var wallets = await Wallets.PrepareAsync(connection);
        var model = new Reference($"-{Guid.CreateVersion7():N}".Replace('-', '_'))
        {
            Accounts = await TestAccounts.AddAsync(connection, Sequences.Users, Sequences.Accounts),
            RejectionMerchant = environment.SharedOffer.Merchant,
            SharedOffer = environment.SharedOffer,
            KnowsTime = false,
            Now = TimeProvider.System.GetUtcNow(),
        };
        var tokens = model.Accounts.ToDictionary(it => it, it => TestTokens.For(it.Id, ApiSetup.SigningKey));
        if (!isVerified)
        {
            await ForEachAccountAsync(it => new SetFlag(3, it, Enabled: false, Description: null));
        }

        foreach (var operation in Sequence())
        {
            if (stop.IsCancellationRequested)
            {
                break;
            }

            if (problems.Note(await DoAsync(operation) ?? await Wallets.ProblemAsync(wallets, model.Accounts)))
            {
                return;
            }
        }

        if (!isVerified)
        {
            await ForEachAccountAsync(it => new DeleteFlag(3, it));
        }

        await SettleAsync();
        problems.Note(await Wallets.ProblemAsync(wallets, model.Accounts));

        async Task ForEachAccountAsync(Func<FlagTarget, Operation> operation)
        {
            for (var nth = 0; nth < model.Accounts.Count; nth++)
            {
                problems.Note(await DoAsync(operation(new FlagTarget(AutoConfirm, "user", nth))));
            }
        }

        async Task<string?> DoAsync(Operation operation)
        {
            await pace.NextAsync();
            await AvoidMidnightAsync();
            model.Now = TimeProvider.System.GetUtcNow();
            var step = operation.On(model);
            var (call, expected) = (step.Call!, step.Expected!);
            var token = call.Caller is { } caller ? tokens[caller] : null;
            var problem = await pace.MeasureAsync(() => call.ProblemAsync(AnyProcess(token), expected));
            if (isVerified && expected.Status == 201 && operation is Ingest)
            {
                await SettleAsync();
            }

            return problem is null ? null : $"{operation}\n{problem}";
        }

        // The jobs of both processes decide all that is pending.
        async Task SettleAsync()
        {
            await Until.TrueAsync(() => HasNoPendingAsync(connection, model), "the jobs have verified all purchases");
            model.VerifyAll();
        }
    }

    private static IEnumerable<Operation> Sequence()
    {
        var random = new Rnd((ulong)Random.Shared.NextInt64());
        return Sequences.Start.Sample(1, random, 0)[0].Concat(Sequences.AmongOthers.Sample(Operations, random, 0));
    }

    private ApiClient AnyProcess(string? token) =>
        environment.Processes[Random.Shared.Next(environment.Processes.Count)].With(token);

    private static async Task<bool> HasNoPendingAsync(NpgsqlConnection connection, Reference model)
    {
        await using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT NOT EXISTS (SELECT 1 FROM purchases WHERE user_id = ANY ($1) AND status = 'pending')";
        command.Parameters.Add(new() { Value = model.Accounts.ConvertAll(it => it.Id).ToArray() });
        return await command.ExecuteScalarAsync() is true;
    }

    // At midnight nobody can tell which day the platform will take a request for.
    private static async Task AvoidMidnightAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        var left = now.UtcDateTime.Date.AddDays(1) - now.UtcDateTime;
        if (left < BeforeMidnight)
        {
            await Task.Delay(left + TimeSpan.FromSeconds(1));
        }
    }
}
