namespace ClickNBack.Tests.Infrastructure;

/// <summary>What makes role, password and databases of existing data what they should be, in PostgreSQL's single-user mode.</summary>
internal static class PostgresRepair
{
    private const string AlreadyExists = "42P04";

    /// <summary>The first arguments of `postgres`; then come `-D`, the data and `postgres`, the database.</summary>
    public static readonly IReadOnlyList<string> Options =
    [
        "--single",
        "-c",
        "log_error_verbosity=verbose",
        "-c",
        "log_min_error_statement=panic",
        "-c",
        "lc_messages=C",
        "-c",
        "logging_collector=off",
    ];

    /// <summary>Its input: a statement a line.</summary>
    public static string Script(string user, string password, IEnumerable<string> databases)
    {
        var role = Identifier(user);
        IEnumerable<string> statements =
        [
            $"DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {Literal(user)}) THEN CREATE ROLE {role}; END IF; END$$;",
            $"ALTER ROLE {role} WITH SUPERUSER LOGIN PASSWORD {Literal(password)};",
            .. databases.Select(database => $"CREATE DATABASE {Identifier(database)} OWNER {role};"),
        ];
        return string.Join('\n', statements) + "\n";
    }

    /// <summary>What went wrong, or null.</summary>
    public static string? ProblemIn(int exitCode, string output)
    {
        var error = output.Split('\n').FirstOrDefault(IsProblem);
        return exitCode != 0 ? error ?? output : error;
    }

    public static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Literal(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    private static bool IsProblem(string line) =>
        (line.Contains("ERROR:", StringComparison.Ordinal) && !line.Contains(AlreadyExists, StringComparison.Ordinal))
        || line.Contains("FATAL:", StringComparison.Ordinal)
        || line.Contains("PANIC:", StringComparison.Ordinal);
}
