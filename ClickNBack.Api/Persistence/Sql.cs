using ClickNBack.Api.Http;
using Npgsql;

namespace ClickNBack.Api.Persistence;

/// <summary>
/// Explicit SQL, for what is asked or written all the time: Entity Framework would cost more than the answers.
/// </summary>
internal static class Sql
{
    /// <summary>Counts all matches and reads one page of them, in one round trip.</summary>
    /// <param name="database">Where.</param>
    /// <param name="paging">Which page.</param>
    /// <param name="count">Answers how many there are; knows of the match's parameters.</param>
    /// <param name="page">Answers the page; knows of the same and then, as the last two, of LIMIT and OFFSET.</param>
    /// <param name="match">Adds the parameters of what is looked for.</param>
    /// <param name="read">Reads one item.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<Page<T>> ReadPageAsync<T>(
        this NpgsqlDataSource database,
        Paging paging,
        string count,
        string page,
        Action<NpgsqlParameterCollection> match,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel
    )
    {
        await using var batch = database.CreateBatch();
        foreach (var sql in new[] { count, page })
        {
            var command = new NpgsqlBatchCommand(sql);
            match(command.Parameters);
            batch.BatchCommands.Add(command);
        }

        batch.BatchCommands[1].Parameters.AddValue((long)paging.Limit).AddValue(paging.Offset);
        await using var row = await batch.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        var total = row.GetInt64(0);
        await row.NextResultAsync(cancel);
        var data = new List<T>(paging.Limit);
        while (await row.ReadAsync(cancel))
        {
            data.Add(read(row));
        }

        return new Page<T>(data, new Pagination(paging.Offset, paging.Limit, total));
    }

    /// <summary>Adds a positional parameter.</summary>
    public static NpgsqlParameterCollection AddValue<T>(this NpgsqlParameterCollection parameters, T value)
    {
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return parameters;
    }

    /// <summary>Reads the rows of the result that the reader is at, and goes on to the next result.</summary>
    public static async Task<List<T>> ReadAllAsync<T>(
        this NpgsqlDataReader reader,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel
    )
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(read(reader));
        }

        await reader.NextResultAsync(cancel);
        return rows;
    }

    /// <summary>Adds a statement.</summary>
    public static NpgsqlBatch Add(
        this NpgsqlBatch batch,
        string sql,
        Func<NpgsqlParameterCollection, NpgsqlParameterCollection> parameters
    )
    {
        var command = new NpgsqlBatchCommand(sql);
        parameters(command.Parameters);
        batch.BatchCommands.Add(command);
        return batch;
    }

    /// <summary>The enumeration's value in a column.</summary>
    public static T GetChoice<T>(this NpgsqlDataReader row, int column)
        where T : struct, Enum =>
        Choices.TryParse<T>(row.GetString(column), out var value)
            ? value
            : throw new InvalidOperationException($"Column {column} holds no {typeof(T).Name}.");
}
