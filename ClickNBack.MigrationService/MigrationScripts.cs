using System.Reflection;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClickNBack.MigrationService;

/// <summary>The SQL of a migration, as a reviewer reads it: <c>Migrations/{id}/up.sql</c>.</summary>
internal static class MigrationScripts
{
    /// <summary>
    /// Runs the migration's script, in a transaction. One that builds an index <c>CONCURRENTLY</c> runs outside, statement by
    /// statement, since PostgreSQL allows it no transaction: such a script must be fit to be run again after half of it.
    /// </summary>
    /// <param name="builder">What runs it.</param>
    /// <param name="migration">The migration, whose identifier is the name of the script's folder.</param>
    public static void RunScript(this MigrationBuilder builder, Migration migration)
    {
        var type = migration.GetType();
        var id = type.GetCustomAttribute<MigrationAttribute>()!.Id;
        using var resource = type.Assembly.GetManifestResourceStream($"{id}.sql")!;
        using var reader = new StreamReader(resource);
        var script = reader.ReadToEnd();
        if (!script.Contains(" CONCURRENTLY ", StringComparison.Ordinal))
        {
            builder.Sql(script);
            return;
        }

        // It waits for every transaction that is older, and nobody waits behind it.
        string[] statements =
        [
            "SELECT set_config('clicknback.lock_timeout', current_setting('lock_timeout'), false)",
            "SET lock_timeout = 0",
            .. script.Split(";\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            "SELECT set_config('lock_timeout', current_setting('clicknback.lock_timeout'), false)",
        ];
        foreach (var statement in statements)
        {
            builder.Sql(statement, suppressTransaction: true);
        }
    }
}
