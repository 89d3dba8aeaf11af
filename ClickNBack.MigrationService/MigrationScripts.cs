using Microsoft.EntityFrameworkCore.Migrations;

namespace ClickNBack.MigrationService;

/// <summary>The SQL of a migration, as a reviewer reads it: <c>Migrations/{id}/up.sql</c>.</summary>
internal static class MigrationScripts
{
    /// <summary>Runs the migration's script.</summary>
    /// <param name="migration">The migration.</param>
    /// <param name="id">Its identifier, which is the name of its folder.</param>
    public static void RunScript(this MigrationBuilder migration, string id)
    {
        using var script = typeof(MigrationScripts).Assembly.GetManifestResourceStream($"{id}.sql")!;
        using var reader = new StreamReader(script);
        migration.Sql(reader.ReadToEnd());
    }
}
