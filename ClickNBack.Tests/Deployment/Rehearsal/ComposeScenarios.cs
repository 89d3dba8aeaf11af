using System.Globalization;
using System.Text.Json;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>The compose files as compose reads them: every service of every profile, whether it runs here or not (P2).</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
public class ComposeScenarios(RehearsalRun run)
{
    [Theory]
    [InlineData("compose.production.yaml")]
    [InlineData("compose.production.yaml", "compose.staging.yaml")]
    [InlineData("compose.production.yaml", "compose.external-database.yaml")]
    public Task Every_service_of_every_profile_is_hardened(params string[] files) =>
        run.PlayAsync(
            $"hardening of every profile: {string.Join(" + ", files)}",
            mayFail: false,
            async notes =>
            {
                using var model = await ModelAsync(files);
                var services = model.RootElement.GetProperty("services").EnumerateObject().ToArray();
                Assert.True(services.Length >= 10, "All profiles are looked at.");
                Assert.All(services, it => AssertHardened(it.Name, it.Value));
                var open = model
                    .RootElement.GetProperty("networks")
                    .EnumerateObject()
                    .Where(it => !(it.Value.TryGetProperty("internal", out var isInternal) && isInternal.GetBoolean()))
                    .Select(it => it.Name);
                // A database somewhere else is reached through the network of the one that is not here.
                var external = files.Contains("compose.external-database.yaml", StringComparer.Ordinal);
                Assert.Equal(external ? ["data", "public"] : ["public"], open.Order(StringComparer.Ordinal));
                notes.Add($"{services.Length} services");
            }
        );

    private static void AssertHardened(string name, JsonElement service)
    {
        Assert.True(
            service.TryGetProperty("read_only", out var readOnly) && readOnly.GetBoolean(),
            $"{name}: root is writable"
        );
        Assert.Equal(["ALL"], Strings(service, "cap_drop"));
        Assert.Equal(name == "proxy" ? ["NET_BIND_SERVICE"] : [], Strings(service, "cap_add"));
        Assert.Equal(["no-new-privileges:true"], Strings(service, "security_opt"));
        Assert.False(service.TryGetProperty("privileged", out _), name);
        Assert.False(
            service.TryGetProperty("container_name", out _),
            $"{name}: a fixed name allows one installation only"
        );

        var limits = service.GetProperty("deploy").GetProperty("resources").GetProperty("limits");
        Assert.True(Number(limits.GetProperty("cpus")) > 0, name);
        Assert.True(Number(limits.GetProperty("memory")) > 0, name);
        Assert.True(Number(limits.GetProperty("pids")) > 0, name);

        var log = service.GetProperty("logging").GetProperty("options");
        Assert.True(
            log.TryGetProperty("max-size", out _) && log.TryGetProperty("max-file", out _),
            $"{name}: no log rotation"
        );

        if (name != "proxy" && service.TryGetProperty("ports", out var ports))
        {
            Assert.All(ports.EnumerateArray(), it => Assert.Equal("127.0.0.1", it.GetProperty("host_ip").GetString()));
        }

        if (service.TryGetProperty("networks", out var networks) && networks.TryGetProperty("data", out _))
        {
            Assert.False(service.TryGetProperty("ports", out _), $"{name}: published, on the database's network");
        }
    }

    private async Task<JsonDocument> ModelAsync(string[] files)
    {
        try
        {
            run.Server.Configure(new() { ["DATABASE_HOST"] = "database.example" });
            return JsonDocument.Parse(
                await run.Server.DockerAsync([
                    .. run.Server.Compose(files),
                    "--profile",
                    "*",
                    "config",
                    "--format",
                    "json",
                ])
            );
        }
        finally
        {
            run.Server.Configure([]);
        }
    }

    private static string[] Strings(JsonElement service, string name) =>
        service.TryGetProperty(name, out var array) ? [.. array.EnumerateArray().Select(it => it.GetString()!)] : [];

    // Compose writes some numbers as text.
    private static double Number(JsonElement value) =>
        double.Parse(
            value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(),
            CultureInfo.InvariantCulture
        );
}
