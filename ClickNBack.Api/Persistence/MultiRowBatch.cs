using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql;

namespace ClickNBack.Api.Persistence;

/// <summary>Makes Entity Framework save by <see cref="MultiRowBatch"/>.</summary>
public sealed class MultiRowBatchFactory : IModificationCommandBatchFactory
{
    /// <inheritdoc/>
    public ModificationCommandBatch Create() => new MultiRowBatch();
}

/// <summary>
/// Saves a unit of work in one round trip, with one statement for all rows of a table that change alike. The provider's own
/// batch has a statement for each row, and for each statement PostgreSQL reads the table's checks and triggers anew: the
/// verification job resolves half as many purchases again this way. Rows are deleted by <c>ExecuteDeleteAsync</c> only.
/// </summary>
public sealed class MultiRowBatch : ModificationCommandBatch
{
    private readonly List<IReadOnlyModificationCommand> _rows = [];

    /// <inheritdoc/>
    public override IReadOnlyList<IReadOnlyModificationCommand> ModificationCommands => _rows;

    /// <inheritdoc/>
    public override bool RequiresTransaction => _rows.Count > 1;

    /// <inheritdoc/>
    public override bool AreMoreBatchesExpected => false;

    /// <inheritdoc/>
    public override bool TryAddCommand(IReadOnlyModificationCommand modificationCommand)
    {
        if (modificationCommand.ColumnModifications.FirstOrDefault(MustBeRead) is { } column)
        {
            throw new NotSupportedException($"{modificationCommand.TableName}.{column.ColumnName} is not read back.");
        }

        _rows.Add(modificationCommand);
        return true;
    }

    /// <inheritdoc/>
    public override void Complete(bool moreBatchesExpected) { }

    /// <inheritdoc/>
    public override void Execute(IRelationalConnection connection) =>
        throw new NotSupportedException("No thread waits for the database: there is SaveChangesAsync.");

    /// <inheritdoc/>
    public override async Task ExecuteAsync(
        IRelationalConnection connection,
        CancellationToken cancellationToken = default
    )
    {
        await using var batch = new NpgsqlBatch(
            (NpgsqlConnection)connection.DbConnection,
            (NpgsqlTransaction?)connection.CurrentTransaction?.GetDbTransaction()
        );
        var statements = RowsByStatement().ConvertAll(rows => new MultiRowStatement(rows));
        statements.ForEach(statement => batch.BatchCommands.Add(statement.Command));
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (DbException exception)
        {
            throw new DbUpdateException("The database did not save.", exception, Entries(_rows));
        }

        foreach (var statement in statements)
        {
            var (rows, saved) = (statement.Rows, statement.Command.RecordsAffected);
            if (saved != rows.Count)
            {
                throw new DbUpdateConcurrencyException(
                    $"{saved} of {rows.Count} rows of {rows[0].TableName} were still as they were read.",
                    Entries(rows)
                );
            }
        }
    }

    // Of what the database decides, only a default that the row has already is known without.
    private static bool MustBeRead(IColumnModification column) =>
        column.IsRead && !Equals(column.Value, column.Property?.GetDefaultValue());

    // Entity Framework has sorted the rows: one table's are together, and what refers to another row comes after it.
    private List<List<IReadOnlyModificationCommand>> RowsByStatement()
    {
        List<List<IReadOnlyModificationCommand>> statements = [];
        foreach (var row in _rows)
        {
            if (statements.Count == 0 || !ChangeAlike(statements[^1][0], row))
            {
                statements.Add([]);
            }

            statements[^1].Add(row);
        }

        return statements;
    }

    private static bool ChangeAlike(IReadOnlyModificationCommand one, IReadOnlyModificationCommand other) =>
        one.TableName == other.TableName
        && one.EntityState == other.EntityState
        && one.ColumnModifications.Select(Use).SequenceEqual(other.ColumnModifications.Select(Use));

    private static (string, bool, bool) Use(IColumnModification column) =>
        (column.ColumnName, column.IsWrite, column.IsCondition);

    private static List<IUpdateEntry> Entries(List<IReadOnlyModificationCommand> rows) =>
        [.. rows.SelectMany(row => row.Entries)];
}

/// <summary>The statement that saves rows of one table that change alike; many travel as one array a column.</summary>
internal sealed class MultiRowStatement
{
    private readonly List<string> _arrays = [];

    public MultiRowStatement(List<IReadOnlyModificationCommand> rows)
    {
        Rows = rows;
        var table = rows[0].TableName;
        List<(string Name, string Value)> written = [];
        List<(string Name, string Value)> compared = [];
        foreach (var (index, column) in rows[0].ColumnModifications.Index())
        {
            if (column.IsWrite)
            {
                written.Add((column.ColumnName, AddParameter(index, it => it.Value)));
            }

            if (column.IsCondition)
            {
                compared.Add((column.ColumnName, AddParameter(index, it => it.OriginalValue)));
            }
        }

        var from = IsOne
            ? ""
            : $" FROM unnest({string.Join(", ", _arrays)}) AS row ({Join(_arrays.Index(), it => ValueName(it.Index))})";
        Command.CommandText = rows[0].EntityState switch
        {
            EntityState.Added =>
                $"INSERT INTO {table} ({Join(written, it => it.Name)}) SELECT {Join(written, it => it.Value)}{from}",
            EntityState.Modified =>
                $"UPDATE {table} SET {Join(written, it => $"{it.Name} = {it.Value}")}{from} WHERE {Join(compared, it => $"{table}.{it.Name} = {it.Value}", " AND ")}",
            var state => throw new NotSupportedException($"A row of {table} is {state}."),
        };
    }

    public List<IReadOnlyModificationCommand> Rows { get; }

    public NpgsqlBatchCommand Command { get; } = new();

    private bool IsOne => Rows.Count == 1;

    // Answers how the statement calls the value. Types without a length: a cast to one would cut what is too long.
    private string AddParameter(int index, Func<IColumnModification, object?> valueOf)
    {
        var mapping = Rows[0].ColumnModifications[index].TypeMapping!;
        var values = Rows.ConvertAll(row =>
        {
            var value = valueOf(row.ColumnModifications[index]);
            return mapping.Converter is { } converter ? converter.ConvertToProvider(value) : value;
        });
        var parameter = $"${Command.Parameters.Count + 1}::{mapping.StoreTypeNameBase}";
        if (IsOne)
        {
            Command.Parameters.Add(new NpgsqlParameter { Value = values[0] ?? DBNull.Value });
            return parameter;
        }

        var type = mapping.Converter?.ProviderClrType ?? mapping.ClrType;
        Command.Parameters.Add(new NpgsqlParameter { Value = ArrayOf(type, values) });
        _arrays.Add($"{parameter}[]");
        return ValueName(_arrays.Count - 1);
    }

    private static Array ArrayOf(Type type, List<object?> values)
    {
        var array = Array.CreateInstance(
            type.IsValueType ? typeof(Nullable<>).MakeGenericType(type) : type,
            values.Count
        );
        foreach (var (index, value) in values.Index())
        {
            array.SetValue(value, index);
        }

        return array;
    }

    private static string ValueName(int index) => $"value{index}";

    private static string Join<T>(IEnumerable<T> items, Func<T, string> text, string separator = ", ") =>
        string.Join(separator, items.Select(text));
}
