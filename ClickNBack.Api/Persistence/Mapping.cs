using System.Text.Json;
using ClickNBack.Api.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ClickNBack.Api.Persistence;

/// <summary>What the mappings of all features share: names in snake case, enums as text, checks.</summary>
internal static class Mapping
{
    /// <summary>
    /// Columns, keys, foreign keys and indexes in snake case. An index or key that was named by its mapping keeps its name.
    /// </summary>
    public static void UseSnakeCaseNames(this ModelBuilder model)
    {
        foreach (var entity in model.Model.GetEntityTypes())
        {
            var table = entity.GetTableName()!;
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(Snake(property.Name));
            }

            foreach (var key in entity.GetKeys())
            {
                key.SetName(key.IsPrimaryKey() ? $"pk_{table}" : $"ak_{table}_{Columns(key.Properties)}");
            }

            foreach (var foreignKey in entity.GetForeignKeys())
            {
                foreignKey.SetConstraintName($"fk_{table}_{Columns(foreignKey.Properties)}");
                foreignKey.DeleteBehavior = DeleteBehavior.Restrict; // nothing that money refers to is ever deleted
            }

            foreach (var index in entity.GetIndexes().Where(index => index.Name is null))
            {
                index.SetDatabaseName($"{(index.IsUnique ? "ux" : "ix")}_{table}_{Columns(index.Properties)}");
            }
        }
    }

    /// <summary>
    /// Text in a key or an index is compared by its bytes: as a language sorts it, an operating system may change, and an index
    /// that was built before no longer finds what it holds.
    /// </summary>
    public static void CompareIndexedTextByBytes(this ModelBuilder model)
    {
        foreach (var entity in model.Model.GetEntityTypes())
        {
            var indexed = entity.GetKeys().SelectMany(it => it.Properties);
            indexed = indexed.Concat(entity.GetIndexes().SelectMany(it => it.Properties));
            foreach (var property in indexed.Where(it => it.ClrType == typeof(string)))
            {
                property.SetCollation("C");
            }
        }
    }

    /// <summary>A named check: <c>ck_table_rule</c>.</summary>
    public static TableBuilder<T> Check<T>(this TableBuilder<T> table, string rule, string sql)
        where T : class
    {
        table.HasCheckConstraint($"ck_{table.Name}_{rule}", sql);
        return table;
    }

    /// <summary>
    /// A named check that an amount is money: not NaN, at most two decimals, and within the bounds. (A numeric(p,2) column
    /// would round a third decimal away instead of refusing it.)
    /// </summary>
    public static TableBuilder<T> CheckMoney<T>(this TableBuilder<T> table, string column, string bounds)
        where T : class => table.Check(column, $"{column} = round({column}, 2) AND {column} <> 'NaN' AND {bounds}");

    /// <summary>A named check that a text column holds one of an enumeration's values.</summary>
    public static TableBuilder<T> CheckChoice<T, TEnum>(this TableBuilder<T> table, string column)
        where T : class
        where TEnum : struct, Enum =>
        table.Check(
            column,
            $"{column} IN ({string.Join(", ", Enum.GetValues<TEnum>().Select(value => $"'{Json.Name(value)}'"))})"
        );

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static string Columns(IEnumerable<IReadOnlyProperty> properties) =>
        string.Join('_', properties.Select(property => Snake(property.Name)));
}

/// <summary>Stores an enum value by the contract's name.</summary>
internal sealed class EnumText<T>() : ValueConverter<T, string>(value => Json.Name(value), text => Parse(text))
    where T : struct, Enum
{
    private static T Parse(string text) =>
        Choices.TryParse<T>(text, out var value)
            ? value
            : throw new InvalidOperationException($"'{text}' in the database is no {typeof(T).Name}.");
}
