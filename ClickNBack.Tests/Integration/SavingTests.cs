using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

/// <summary>How movements of money reach the database: however many there are, by one statement a table.</summary>
public sealed class SavingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public async Task Purchases_are_confirmed_by_one_statement_a_table(int count)
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ApiServer.StartAsync(database);
        var shop = await Shop.OpenAsync(database);
        var buyers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => server.UserAsync()));
        for (var i = 0; i < count; i++)
        {
            await buyers[i % buyers.Length].BuyAsync(shop, 100);
        }

        await CountStatementsAsync(database, "INSERT ON audit_logs", "INSERT ON transfers", "UPDATE ON wallets");
        await server.VerifyAsync();

        Assert.Equal(
            ["audit_logs 1", "transfers 1", "wallets 1"],
            await database.RowsAsync("SELECT relation, count(*) FROM statements GROUP BY 1 ORDER BY 1")
        );
        Assert.Equal(
            count,
            await database.ScalarAsync<long>("SELECT count(*) FROM purchases WHERE status = 'confirmed'")
        );
        await database.InvariantsHoldAsync();
    }

    private static async Task CountStatementsAsync(TestDatabase database, params string[] statements)
    {
        await database.ExecuteAsync(
            """
            CREATE TABLE statements (relation text);
            CREATE FUNCTION count_statement() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
                'BEGIN INSERT INTO public.statements VALUES (TG_TABLE_NAME); RETURN NULL; END';
            """
        );
        foreach (var statement in statements)
        {
            await database.ExecuteAsync(
                $"CREATE TRIGGER tr_count_statement AFTER {statement} FOR EACH STATEMENT EXECUTE FUNCTION count_statement()"
            );
        }
    }
}
