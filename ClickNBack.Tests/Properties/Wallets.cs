using ClickNBack.Tests.Properties.Model;
using Npgsql;

namespace ClickNBack.Tests.Properties;

/// <summary>Reading everybody's wallet at once, as the database has it.</summary>
internal static class Wallets
{
    public static async Task<NpgsqlCommand> PrepareAsync(NpgsqlConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText =
            "SELECT user_id, pending_balance, available_balance, paid_balance, owed_balance FROM wallets WHERE user_id = ANY ($1)";
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { DataTypeName = "uuid[]" });
        await command.PrepareAsync();
        return command;
    }

    /// <summary>Whose wallet does not hold what the model says, or null.</summary>
    public static async Task<string?> ProblemAsync(NpgsqlCommand query, List<Account> accounts)
    {
        query.Parameters[0].Value = accounts.ConvertAll(it => it.Id).ToArray();
        var stored = new Dictionary<Guid, (decimal, decimal, decimal, decimal)>();
        await using (var rows = await query.ExecuteReaderAsync())
        {
            while (await rows.ReadAsync())
            {
                stored[rows.GetGuid(0)] = (
                    rows.GetDecimal(1),
                    rows.GetDecimal(2),
                    rows.GetDecimal(3),
                    rows.GetDecimal(4)
                );
            }
        }

        var wrong = accounts.Find(it => stored.GetValueOrDefault(it.Id) != it.Balances);
        return wrong is null
            ? null
            : $"the wallet of {wrong.Id} should hold {wrong.Balances} and holds {stored.GetValueOrDefault(wrong.Id)}";
    }
}
