using ClickNBack.Tests.Contract;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>The images of the rehearsal: three releases as `make images` builds them, and broken ones made from them.</summary>
internal static class Images
{
    public const string Registry = "clicknback-rehearsal";

    /// <summary>Releases that work.</summary>
    public static readonly string[] Releases = ["1.0.0", "1.1.0", "1.2.0"];

    private const string Api = """["dotnet", "/app/ClickNBack.Api.dll" """;

    /// <summary>Builds the releases, as CI does.</summary>
    public static async Task BuildAsync(Server server)
    {
        foreach (var version in Releases)
        {
            await server
                .RunAsync("env", $"REGISTRY={Registry}", Path.Combine(Committed.Root, "scripts", "images.sh"), version)
                .ExpectAsync(0);
        }
    }

    /// <summary>A release whose process ends at once.</summary>
    public static Task CrashingAsync(Server server) =>
        MakeAsync(server, "2.0.1", """ENTRYPOINT ["dotnet", "/app/NotThere.dll"]""");

    /// <summary>A release that runs and never answers where it is expected to.</summary>
    public static Task NeverReadyAsync(Server server) =>
        MakeAsync(server, "2.0.2", $"ENTRYPOINT {Api}, \"--http_ports=9999\"]");

    /// <summary>A release with a setting that the program refuses.</summary>
    public static Task BadlyConfiguredAsync(Server server) =>
        MakeAsync(server, "2.0.3", $"ENTRYPOINT {Api}, \"--Payouts:MinimumAmount=-1\"]");

    /// <summary>A release that is ready and answers everything else with 500, the smoke test included.</summary>
    public static Task AnsweringErrorsAsync(Server server) => StandInAsync(server, "2.0.4", serving: null);

    /// <summary>A release that passes every test before it gets traffic, and answers clients with 500.</summary>
    /// <param name="server">Where it is to be deployed.</param>
    /// <param name="serving">The colour that it has answer the tests.</param>
    public static Task FailingUnderTrafficAsync(Server server, string serving) =>
        StandInAsync(server, "2.0.5", serving);

    /// <summary>
    /// A release that brings other files than the last one: its proxy names the version in each answer, a guide is new and another
    /// is gone.
    /// </summary>
    /// <param name="server">Where it is to be deployed.</param>
    /// <param name="version">Its version.</param>
    /// <param name="api">The version whose API it has.</param>
    public static async Task WithOtherFilesAsync(Server server, string version, string api)
    {
        var context = Directory.CreateTempSubdirectory("clicknback-image-").FullName;
        try
        {
            await server
                .RunAsync(
                    "bash",
                    "-Eeuo",
                    "pipefail",
                    "-c",
                    $$"""
                    cd {{context}}
                    id=$(docker create {{Registry}}/migrations:{{Releases[^1]}})
                    docker cp "$id:/deploy" .
                    docker rm "$id"
                    cd deploy
                    sed -i 's/^(headers) {$/&\n\theader X-Release {{version}}/' caddy/Caddyfile
                    echo later > LATER.md
                    rm BACKUPS.md release.sums
                    { echo '# {{version}}' && find . -type f -printf '%P\0' | xargs -0 sha256sum; } > ../release.sums
                    mv ../release.sums .
                    printf 'FROM {{Registry}}/migrations:{{Releases[^1]}}\nCOPY deploy /deploy\n' > ../Dockerfile
                    docker build --quiet --tag {{Registry}}/migrations:{{version}} ..
                    docker tag {{Registry}}/api:{{api}} {{Registry}}/api:{{version}}
                    """
                )
                .ExpectAsync(0);
        }
        finally
        {
            Directory.Delete(context, recursive: true);
        }
    }

    /// <summary>
    /// Alertmanager's image; distributions' builds, which stand in for it where no registry is reachable, want to find templates
    /// that a webhook has no use for.
    /// </summary>
    public static async Task<string> AlertmanagerAsync(Server server)
    {
        const string Name = $"{Registry}/alertmanager:rehearsal";
        const string Templates = "/usr/share/prometheus/alertmanager";
        await BuildAsync(
            server,
            Name,
            $"""
            FROM docker.io/prom/alertmanager:v0.33.1
            COPY empty {Templates}/default.tmpl
            COPY empty {Templates}/email.tmpl
            """,
            ("empty", "")
        );
        return Name;
    }

    private static Task StandInAsync(Server server, string version, string? serving)
    {
        var tested = serving is null
            ? ""
            : $$"""
                @tested header User-Agent clicknback-smoke
                reverse_proxy @tested api-{{serving}}:8080
                """;
        return MakeAsync(
            server,
            version,
            """
            ENV XDG_CONFIG_HOME=/tmp XDG_DATA_HOME=/tmp
            COPY Caddyfile /app/Caddyfile
            ENTRYPOINT ["caddy", "run", "--config", "/app/Caddyfile", "--adapter", "caddyfile"]
            """,
            $$"""
            {
                admin off
                persist_config off
            }
            :8080 {
                route {
                    @alive path /ready /health
                    respond @alive 200
                    {{tested}}
                    respond 500
                }
            }
            """
        );
    }

    /// <summary>Makes the API's image of that version; its migrations are those of the last release.</summary>
    private static async Task MakeAsync(Server server, string version, string instructions, string? caddyfile = null)
    {
        var from = caddyfile is null ? $"{Registry}/api:{Releases[^1]}" : "docker.io/library/caddy:2";
        await BuildAsync(
            server,
            $"{Registry}/api:{version}",
            $"FROM {from}\n{instructions}\n",
            ("Caddyfile", caddyfile ?? "")
        );
        await server.DockerAsync("tag", $"{Registry}/migrations:{Releases[^1]}", $"{Registry}/migrations:{version}");
    }

    private static async Task BuildAsync(Server server, string tag, string dockerfile, (string Name, string Text) file)
    {
        var context = Directory.CreateTempSubdirectory("clicknback-image-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), dockerfile);
            await File.WriteAllTextAsync(Path.Combine(context, file.Name), file.Text);
            await server.DockerAsync("build", "--quiet", "--tag", tag, context);
        }
        finally
        {
            Directory.Delete(context, recursive: true);
        }
    }
}
