namespace ClickNBack.AppHost.Standalone;

/// <summary>A container of the official PostgreSQL image: with the password of this run and all its databases.</summary>
internal sealed class PostgresContainer(RunContext context, ManifestResource model, ContainerEngine engine)
    : ContainerResource(context, model, engine)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private string User => Variable("POSTGRES_USER") ?? "postgres";

    private string Password =>
        Variable("POSTGRES_PASSWORD") is { Length: > 0 } password
            ? password
            : throw new SetupException($"The resource \"{Name}\" has no POSTGRES_PASSWORD.");

    // The engine opens the port at once, and the image starts its server twice: ask inside, over TCP.
    protected override async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        var (exitCode, _) = await LocalProcess.RunAsync(
            new(Engine.Program, "exec", ContainerName, "pg_isready", "--quiet", "-h", "127.0.0.1"),
            cancellationToken: cancellationToken
        );
        return exitCode == 0;
    }

    // The image looks at user and password only when it creates the data.
    protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        const int CannotConnect = 2;
        var (exitCode, output) = await ApplyAsync(cancellationToken);
        if (exitCode == CannotConnect)
        {
            Note("The data do not know this user and password yet; mending that.");
            await EndAsync(Grace);
            await RepairAsync(cancellationToken);
            await ServeAsync(cancellationToken);
            (exitCode, output) = await ApplyAsync(cancellationToken);
        }

        if (exitCode != 0)
        {
            throw FailureOf($"{Name}: its databases cannot be made; `make reset` starts from nothing: {output}");
        }
    }

    // Everything secret goes through standard input or the container's own variables.
    private Task<(int ExitCode, string Output)> ApplyAsync(CancellationToken cancellationToken)
    {
        const string Client =
            "PGPASSWORD=\"$POSTGRES_PASSWORD\" exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 -h 127.0.0.1 -U \"${POSTGRES_USER:-postgres}\" -d postgres";
        string[] script =
        [
            $"ALTER ROLE CURRENT_USER PASSWORD {PostgresRepair.Literal(Password)};",
            .. Context
                .Plan.DatabasesIn(Name)
                .Select(database =>
                    $"SELECT {PostgresRepair.Literal($"CREATE DATABASE {PostgresRepair.Identifier(database)}")} WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = {PostgresRepair.Literal(database)})\\gexec"
                ),
        ];
        return LocalProcess.RunAsync(
            new(Engine.Program, "exec", "--interactive", ContainerName, "sh", "-c", Client),
            string.Join('\n', script) + "\n",
            cancellationToken
        );
    }

    private async Task RepairAsync(CancellationToken cancellationToken)
    {
        var (exitCode, output) = await LocalProcess.RunAsync(
            new(
                Engine.Program,
                [
                    "run",
                    "--rm",
                    "--interactive",
                    "--name",
                    ContainerName,
                    "--user",
                    "postgres",
                    .. Surroundings,
                    "--entrypoint",
                    "sh",
                    Image,
                    "-c",
                    "exec postgres \"$@\" -D \"$PGDATA\" postgres",
                    "postgres",
                    .. PostgresRepair.Options,
                ]
            )
            {
                Environment = EngineEnvironment(),
            },
            PostgresRepair.Script(User, Password, []),
            cancellationToken
        );
        if (PostgresRepair.ProblemIn(exitCode, output) is { } problem)
        {
            throw new SetupException(
                $"PostgreSQL cannot open its data ({problem}); `make reset` throws them away and starts from nothing."
            );
        }
    }
}
