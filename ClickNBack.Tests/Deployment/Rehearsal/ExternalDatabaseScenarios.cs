using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>A second server, for staging, whose database somebody else keeps.</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
[Trait("Duration", "Long")]
public class ExternalDatabaseScenarios(RehearsalRun run)
{
    private const string Host = "keeper";

    [Fact]
    public Task The_database_may_be_somewhere_else() =>
        run.PlayAsync(
            "staging, with an external database over TLS",
            mayFail: false,
            async notes =>
            {
                var root = Path.GetDirectoryName(run.Server.Folder)!;
                var server = await Server.CreateAsync(root, "cnb-external");
                try
                {
                    server.Configure(
                        new()
                        {
                            ["ENVIRONMENT"] = "Staging",
                            ["DEMO_PASSWORD"] = $"Aa1_{RandomNumberGenerator.GetHexString(32)}",
                            ["DATABASE_HOST"] = Host,
                            ["COMPOSE_PROFILES"] = "",
                        }
                    );
                    await server.ClicknbackAsync("install").ExpectAsync(0);
                    var keeper = await StartKeeperAsync(server, root);
                    foreach (var version in Images.Releases[..2])
                    {
                        var deploy = await server.ClicknbackAsync("deploy", version).ExpectAsync(0);
                        notes.Add($"deploy {RehearsalRun.Seconds(deploy)}");
                    }

                    (await server.ClicknbackAsync("smoke")).Expect(0).Says($"version {Images.Releases[1]}");
                    await server.ClicknbackAsync("rollback").ExpectAsync(0);
                    await server.ClicknbackAsync("status").ExpectAsync(0);
                    Assert.Equal("", await server.ContainerAsync("postgres"));
                    string[] psql = ["exec", keeper, "psql", "-X", "-A", "-t", "-U", "clicknback", "-c"];
                    Assert.Equal(
                        "t",
                        await server.DockerAsync([
                            .. psql,
                            "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename LIKE 'clicknback_api%'",
                        ])
                    );
                    Assert.NotEqual("0", await server.DockerAsync([.. psql, "SELECT count(*) FROM merchants"])); // demo data
                }
                finally
                {
                    await server.RemoveAsync();
                }
            }
        );

    // A PostgreSQL that speaks TLS only, where the API and the migrations find it by its name.
    private static async Task<string> StartKeeperAsync(Server server, string root)
    {
        var folder = Directory.CreateDirectory(Path.Combine(root, "keeper")).FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest($"CN={Host}", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            now.AddHours(-1),
            now.AddDays(1)
        );
        await File.WriteAllTextAsync(Path.Combine(folder, "certificate.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(
            Path.Combine(folder, "pg_hba.conf"),
            """
            local   all all     trust
            hostssl all all all scram-sha-256
            """
        );
        return await server.DockerAsync(
            "run",
            "--detach",
            "--label",
            $"com.docker.compose.project={server.Project}", // so that it is removed with the server
            "--network",
            $"{server.Project}_app",
            "--network-alias",
            Host,
            "--volume",
            $"{folder}:/tls:ro",
            "--env",
            "POSTGRES_USER=clicknback",
            "--env",
            $"POSTGRES_PASSWORD={server.Secrets["POSTGRES_PASSWORD"]}",
            "--entrypoint",
            "bash",
            "docker.io/library/postgres:17",
            "-c",
            """
            install -o postgres -m 600 /tls/* /tmp/
            exec docker-entrypoint.sh postgres -c ssl=on -c ssl_cert_file=/tmp/certificate.pem -c ssl_key_file=/tmp/key.pem \
                -c hba_file=/tmp/pg_hba.conf
            """
        );
    }
}
