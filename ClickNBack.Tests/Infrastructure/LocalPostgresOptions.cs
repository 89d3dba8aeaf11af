using System.Security.Cryptography;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>What a local PostgreSQL server should be like.</summary>
internal sealed record PostgresClusterOptions
{
    /// <summary>Where the data live; null: a temporary folder that is removed at the end.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The superuser.</summary>
    public string User { get; init; } = "postgres";

    /// <summary>The superuser's password; a server that already has data gets it too.</summary>
    public string Password { get; init; } = RandomNumberGenerator.GetHexString(32);

    /// <summary>TCP port on 127.0.0.1; 0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>Databases that must exist.</summary>
    public IReadOnlyList<string> Databases { get; init; } = [];

    /// <summary>Server settings, such as fsync=off for tests.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>More arguments for initdb.</summary>
    public IReadOnlyList<string> InitDbArguments { get; init; } = [];

    /// <summary>The programs to use; null: the newest that fit the data.</summary>
    public PostgresBinaries? Binaries { get; init; }

    /// <summary>Receives the server's log, line by line.</summary>
    public Action<string> Log { get; init; } = static _ => { };
}
