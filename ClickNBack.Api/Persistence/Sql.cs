using ClickNBack.Api.Http;
using Npgsql;

namespace ClickNBack.Api.Persistence;

/// <summary>
/// Explicit SQL, for what is asked or written all the time: Entity Framework would cost more than the answers.
/// </summary>
internal static class Sql
{
    /// <summary>Asks how many matches there are, and for one page of them.</summary>
    /// <param name="batch">What is asked.</param>
    /// <param name="paging">Which page.</param>
    /// <param name="count">Answers how many there are; knows of the match's parameters.</param>
    /// <param name="page">Answers the page; knows of the same and then, as the last two, of LIMIT and OFFSET.</param>
    /// <param name="match">Adds the parameters of what is looked for.</param>
    public static void AddPage(
        this NpgsqlBatch batch,
        Paging paging,
        string count,
        string page,
        Func<NpgsqlParameterCollection, NpgsqlParameterCollection> match
    ) => batch.Add(count, match).Add(page, it => match(it).AddValue((long)paging.Limit).AddValue(paging.Offset));

    /// <summary>Reads what <see cref="AddPage"/> has asked for.</summary>
    public static async Task<Page<T>> ReadPageAsync<T>(
        this NpgsqlDataReader row,
        Paging paging,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel
    )
    {
        await row.ReadAsync(cancel);
        var total = row.GetInt64(0);
        await row.NextResultAsync(cancel);
        return new Page<T>(await row.ReadAllAsync(read, cancel), new Pagination(paging.Offset, paging.Limit, total));
    }

    /// <summary>Reads the only row of the result that the reader is at; null if there is none.</summary>
    public static async Task<T?> ReadOneAsync<T>(
        this NpgsqlDataReader row,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel
    )
        where T : class => await row.ReadAsync(cancel) ? read(row) : null;

    public static NpgsqlParameterCollection AddValue<T>(this NpgsqlParameterCollection parameters, T value)
    {
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return parameters;
    }

    /// <summary>A parameter that holds one value of each row: an array, for <c>unnest</c>.</summary>
    public static NpgsqlParameterCollection AddColumn<TRow, T>(
        this NpgsqlParameterCollection parameters,
        List<TRow> rows,
        Func<TRow, T> value
    )
    {
        var column = new T[rows.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(rows[i]);
        }

        return parameters.AddValue(column);
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
