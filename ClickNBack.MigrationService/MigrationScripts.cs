using Microsoft.EntityFrameworkCore.Migrations;

namespace ClickNBack.MigrationService;

/// <summary>SQL that belongs to a migration: what EF Core's model cannot say.</summary>
public static class MigrationScripts
{
    /// <summary>Runs an embedded script, as a part of the migration.</summary>
    /// <param name="migration">The migration.</param>
    /// <param name="name">The file's name in <c>Migrations/</c>.</param>
    public static void RunScript(this MigrationBuilder migration, string name)
    {
        using var script = typeof(MigrationScripts).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(script);
        migration.Sql(reader.ReadToEnd());
    }
}
