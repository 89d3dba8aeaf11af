using Microsoft.Extensions.Logging;
using Npgsql;

namespace ClickNBack.MigrationService;

/// <summary>
/// The turn of one worker at a time: a lock on a table of which nobody but the owner has any right. (An advisory lock anybody
/// can take who may connect, and keep.) On a connection of its own; PostgreSQL releases it whatever becomes of us.
/// </summary>
internal sealed class WorkerTurn : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private WorkerTurn(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Waits for it.</summary>
    /// <exception cref="PostgresException">Somebody else keeps it for longer than the worker waits.</exception>
    public static async Task<WorkerTurn> TakeAsync(
        NpgsqlConnection owner,
        DatabaseOptions options,
        ILogger logger,
        CancellationToken cancel
    )
    {
        var turn = new WorkerTurn((NpgsqlConnection)((ICloneable)owner).Clone());
        try
        {
            await turn._connection.OpenAsync(cancel);
            await turn.TakeAsync(options, logger, cancel);
            return turn;
        }
        catch
        {
            await turn.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task TakeAsync(DatabaseOptions options, ILogger logger, CancellationToken cancel)
    {
        try
        {
            await ExecuteAsync("CREATE TABLE IF NOT EXISTS worker_turn ()", cancel);
        }
        catch (PostgresException twin) when (twin.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Of two that make it at once PostgreSQL refuses one, for whom it is there now.
        }

        await ExecuteAsync(
            $"""
            SET idle_in_transaction_session_timeout = 0;
            SET lock_timeout = '{options.WaitSeconds}s';
            BEGIN
            """,
            cancel
        );
        await ExecuteAsync("SAVEPOINT asked", cancel);
        try
        {
            await ExecuteAsync("LOCK TABLE worker_turn IN EXCLUSIVE MODE NOWAIT", cancel);
        }
        catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            logger.LogInformation("Another migration worker is at work; waiting for it");
            await ExecuteAsync("ROLLBACK TO asked", cancel);
            await ExecuteAsync("LOCK TABLE worker_turn IN EXCLUSIVE MODE", cancel);
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, _connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }
}
