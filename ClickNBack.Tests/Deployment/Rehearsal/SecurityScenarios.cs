using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>What runs, looked at from outside (P9), and what `check` refuses (P2).</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
public class SecurityScenarios(RehearsalRun run)
{
    // Who needs a secret of .env to do its work; the API signs and connects, the migration worker is no container that stays.
    private static readonly Dictionary<string, string[]> s_needs = new(StringComparer.Ordinal)
    {
        ["POSTGRES_PASSWORD"] = ["postgres"],
        ["API_DATABASE_PASSWORD"] = ["api-blue", "api-green"],
        ["JWT_SIGNING_KEY"] = ["api-blue", "api-green"],
        ["DATA_ENCRYPTION_KEY"] = ["api-blue", "api-green"],
        ["ADMIN_PASSWORD"] = [],
        ["BACKUP_ENCRYPTION_KEY"] = [],
    };

    [Fact]
    public Task Containers_can_do_no_more_than_they_must() =>
        run.PlayAsync(
            "hardening of what runs",
            mayFail: false,
            async notes =>
            {
                var containers = await InspectAsync();
                Assert.All(
                    containers,
                    it =>
                    {
                        var (service, container) = it;
                        var host = container.GetProperty("HostConfig");
                        Assert.Equal(["ALL"], Strings(host.GetProperty("CapDrop")));
                        Assert.Equal(
                            service == "proxy" ? ["CAP_NET_BIND_SERVICE"] : [],
                            Capabilities(host.GetProperty("CapAdd"))
                        );
                        Assert.True(host.GetProperty("ReadonlyRootfs").GetBoolean(), service);
                        Assert.Contains("no-new-privileges:true", Strings(host.GetProperty("SecurityOpt")));
                        Assert.False(host.GetProperty("Privileged").GetBoolean(), service);
                        Assert.True(host.GetProperty("Memory").GetInt64() > 0, service);
                        var ports = host.GetProperty("PortBindings").EnumerateObject();
                        Assert.True(service == "proxy" || !ports.Any(), $"{service} publishes a port");
                    }
                );
                notes.Add($"{containers.Count} containers");
            }
        );

    [Fact]
    public Task Only_the_proxy_listens_on_the_host() =>
        run.PlayAsync(
            "listening sockets (ss)",
            mayFail: false,
            async notes =>
            {
                var sockets = (await run.Server.RunAsync("ss", "-H", "-ltnp").ExpectAsync(0)).Output;
                var published = sockets
                    .Split('\n')
                    .Where(it => it.Contains("docker-proxy", StringComparison.Ordinal))
                    .ToArray();
                Assert.Contains(published, it => it.Contains(run.Server.Front.Authority, StringComparison.Ordinal));
                Assert.All(published, it => Assert.Contains("127.0.0.1:", it, StringComparison.Ordinal));
                notes.Add($"{published.Length} published, all as .env binds them");
            }
        );

    [Fact]
    public Task No_secret_is_where_it_does_not_belong() =>
        run.PlayAsync(
            "secrets in inspect, logs and history",
            mayFail: false,
            async notes =>
            {
                var history = await File.ReadAllTextAsync(Path.Combine(run.Server.Folder, "state", "history.jsonl"));
                foreach (var (service, container) in await InspectAsync())
                {
                    var seen = container.GetRawText();
                    var log = await run.Server.DockerAsync("logs", container.GetProperty("Id").GetString()!);
                    foreach (var (name, secret) in run.Server.Secrets)
                    {
                        Assert.False(
                            log.Contains(secret, StringComparison.Ordinal),
                            $"{name} is in the log of {service}"
                        );
                        Assert.False(history.Contains(secret, StringComparison.Ordinal), $"{name} is in the history");
                        if (!s_needs[name].Contains(service))
                        {
                            Assert.False(seen.Contains(secret, StringComparison.Ordinal), $"{service} has {name}");
                        }
                    }
                }

                notes.Add($"{run.Server.Secrets.Count} secrets");
            }
        );

    private static readonly (string Name, string? Value)[] s_bad =
    [
        ("POSTGRES_PASSWORD", null),
        ("POSTGRES_PASSWORD", "change-me"),
        ("API_DATABASE_PASSWORD", "short"),
        ("API_DATABASE_PASSWORD", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("JWT_SIGNING_KEY", "with spaces and $signs in it, long enough"),
        ("JWT_PREVIOUS_SIGNING_KEY", "a"),
        ("ADMIN_PASSWORD", "all-lower-case-and-no-digit"),
        ("ADMIN_EMAIL", "nobody"),
        ("SITE_ADDRESS", "api.example.com"),
        ("IMAGE_REGISTRY", "ghcr.io/OWNER/clicknback"),
        ("WATCH_SECONDS", "soon"),
        ("HTTP_BIND", "everywhere"),
        ("HTTP_BIND", "[::]:80"),
        ("TRUSTED_PROXIES", "everybody"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1"),
        ("KEEP_PREVIOUS", "perhaps"),
        ("NOT_A_SETTING", "1"),
        ("COMPOSE_PROFILES", "dashboard"),
        ("ENVIRONMENT", "production"),
        ("SEED_DEMO", "true"),
        ("DEMO_PASSWORD", "all-lower-case-and-no-digit"),
        ("VERIFICATION_MODE", "trusting"),
        ("CLAIM_MAX_PER_DAY", "many"),
        ("CLAIM_MAX_AMOUNT_PER_DAY", "-1"),
        ("PAYOUT_ACCOUNT_AGE_DAYS", "old"),
        ("PAYOUT_REVIEW_AMOUNT", "1,000"),
        ("PAYOUT_REVIEW_NEW_DESTINATIONS", "sometimes"),
        ("VERIFICATION_ALLOW_SIMULATION", "false"), // while the mode is simulated
        ("DATABASE_SSL_MODE", "Disable"),
        ("GRAFANA_BIND", "0.0.0.0:3000"),
        ("BACKUP_DIR", "/"),
        ("BACKUP_DIR", "."),
        ("BACKUP_DIR", "/etc"),
        ("BACKUP_RETENTION_DAYS", "0"),
        ("BACKUP_MAX_UNRECEIVED_MB", "0"),
        ("MIN_FREE_DISK_MB", "100000000"),
    ];

    [Fact]
    public Task A_bad_setting_is_named_and_nothing_is_touched() =>
        run.PlayAsync(
            "settings that are refused",
            mayFail: false,
            async notes =>
            {
                try
                {
                    foreach (var (name, value) in s_bad)
                    {
                        run.Server.Configure(new() { [name] = value });
                        var check = await run.Server.ClicknbackAsync("check").ExpectAsync(78);
                        check.Says(name);
                        Assert.All(
                            run.Server.Secrets.Values,
                            it => Assert.DoesNotContain(it, check.Output, StringComparison.Ordinal)
                        );
                    }

                    run.Server.Configure(new() { ["ENVIRONMENT"] = "Staging" }); // which seeds the demo
                    (await run.Server.ClicknbackAsync("check")).Expect(78).Says("DEMO_PASSWORD: missing");

                    var hook = Path.Combine(run.Server.Folder, "hooks", "off-site");
                    await run.Server.RunAsync("cp", $"{hook}.example", hook).ExpectAsync(0);
                    await run.Server.RunAsync("chmod", "+x", hook).ExpectAsync(0);
                    run.Server.Configure(new() { ["BACKUP_ENCRYPTION_KEY"] = null });
                    (await run.Server.ClicknbackAsync("check")).Expect(78).Says("BACKUP_ENCRYPTION_KEY: missing");
                    File.Delete(hook);
                    notes.Add($"{s_bad.Length + 2} times exit code 78");
                }
                finally
                {
                    run.Server.Configure([]);
                }
            }
        );

    [Fact]
    public Task A_restricted_key_can_do_what_a_pipeline_needs_and_nothing_else() =>
        run.PlayAsync(
            "restricted SSH key",
            mayFail: false,
            async notes =>
            {
                await using var ssh = await SshServer.StartAsync(run.Server, "github");
                (await ssh.SendAsync("status")).Expect(0).Says($"{run.Server.Active} (");
                (await ssh.SendAsync("clicknback history 1")).Expect(0);
                (await ssh.SendAsync("deploy 9.9.9")).Expect(1).Says("cannot be pulled");
                Assert.Contains(
                    "\"who\":\"github\",\"from\":\"127.0.0.1\"",
                    run.Server.LastHistory,
                    StringComparison.Ordinal
                );
                string[] refused =
                [
                    "",
                    "bash",
                    "restore",
                    "unlock --yes",
                    "maintenance on",
                    "logs",
                    "deploy 1.0.0; id",
                    "deploy $(id)",
                    "deploy 1.0.0 && id",
                    "ssh root",
                ];
                foreach (var command in refused)
                {
                    (await ssh.SendAsync(command))
                        .Expect(64)
                        .Says("this key may, with --wait or without: deploy VERSION");
                }

                notes.Add($"{refused.Length} other commands refused");
            }
        );

    [Fact]
    public Task The_databases_log_names_nobody() =>
        run.PlayAsync(
            "personal data in PostgreSQL's log",
            mayFail: false,
            async notes =>
            {
                const string email = "twice@private.example";
                using var http = new HttpClient { BaseAddress = run.Server.Front };
                var account = new { email, password = "Str0ng!Pass" };
                foreach (var expected in (HttpStatusCode[])[HttpStatusCode.Created, HttpStatusCode.Conflict])
                {
                    using var answer = await http.PostAsJsonAsync(new Uri("/api/v1/users/", UriKind.Relative), account);
                    Assert.Equal(expected, answer.StatusCode);
                }

                var log = await run.Server.DockerAsync("logs", await run.Server.ContainerAsync("postgres"));
                Assert.Contains("ux_users_normalized_email", log, StringComparison.Ordinal);
                Assert.DoesNotContain(email, log, StringComparison.OrdinalIgnoreCase);
                notes.Add($"{log.Split('\n').Length} lines");
            }
        );

    private async Task<List<(string Service, JsonElement Container)>> InspectAsync()
    {
        var filter = $"label=com.docker.compose.project={run.Server.Project}";
        var ids = (await run.Server.DockerAsync("ps", "--quiet", "--no-trunc", "--filter", filter)).Split('\n');
        Assert.True(ids.Length >= 4, "The platform runs.");
        using var inspected = JsonDocument.Parse(await run.Server.DockerAsync(["inspect", .. ids]));
        return
        [
            .. inspected
                .RootElement.Clone()
                .EnumerateArray()
                .Select(it =>
                    (
                        it.GetProperty("Config")
                            .GetProperty("Labels")
                            .GetProperty("com.docker.compose.service")
                            .GetString()!,
                        it
                    )
                ),
        ];
    }

    // Some engines leave the prefix out.
    private static string[] Capabilities(JsonElement array) =>
        [.. Strings(array).Select(it => it.StartsWith("CAP_", StringComparison.Ordinal) ? it : $"CAP_{it}")];

    private static string[] Strings(JsonElement array) =>
        array.ValueKind == JsonValueKind.Null ? [] : [.. array.EnumerateArray().Select(it => it.GetString()!)];
}
