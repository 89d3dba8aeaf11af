using System.Diagnostics;
using ClickNBack.Tests.Contract;

namespace ClickNBack.Tests.Deployment;

/// <summary>The targets of the Makefile that speak to a server, with an <c>ssh</c> that notes what it is asked.</summary>
public sealed class OperatingFromACloneTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clicknback-");

    public OperatingFromACloneTests()
    {
        var ssh = Path.Combine(_folder.FullName, "ssh");
        File.WriteAllText(ssh, "#!/bin/sh\necho \"ssh $*\"\n[ \"$3\" != \"$FAILING\" ]\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(ssh, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("deploy-all ENV=production TAG=1.2.3", "install", "deploy 1.2.3")]
    [InlineData("deploy-service ENV=production SERVICE=api TAG=1.2.3", "deploy 1.2.3")]
    [InlineData("deploy-service ENV=production SERVICE=migrations TAG=1.2.3", "deploy 1.2.3")]
    [InlineData("deploy-service ENV=production SERVICE=proxy", "install proxy")]
    [InlineData("rollback ENV=production", "rollback")]
    [InlineData("health-check-all ENV=production", "status", "smoke")]
    [InlineData("backup ENV=production", "backup")]
    [InlineData("restore ENV=production AT=2026-11-21T09:15:00Z", "restore 2026-11-21T09:15:00Z")]
    [InlineData("logs ENV=production", "logs")]
    [InlineData("logs ENV=production SERVICE=proxy", "logs proxy")]
    public async Task A_target_asks_the_server_of_the_environment(string target, params string[] asked)
    {
        var (code, output) = await MakeAsync(target);

        Assert.Equal(asked.Select(it => $"ssh clicknback-production clicknback {it}"), output);
        Assert.Equal(0, code);
    }

    [Theory]
    [InlineData("deploy-all", "Which environment? make deploy-all ENV=production TAG=1.4.0")]
    [InlineData("deploy-all ENV=staging", "Which version? make deploy-all ENV=staging TAG=1.4.0")]
    [InlineData("deploy-service ENV=staging", "Which service? make deploy-service ENV=staging SERVICE=api TAG=1.4.0")]
    [InlineData("deploy-service ENV=staging SERVICE=ap", "There is no service ap: make list-services")]
    [InlineData(
        "deploy-service ENV=staging SERVICE=api",
        "Which version? make deploy-service ENV=staging SERVICE=api TAG=1.4.0"
    )]
    [InlineData("rollback", "Which environment? make rollback ENV=production")]
    [InlineData("health-check-all", "Which environment? make health-check-all ENV=production")]
    [InlineData("backup", "Which environment? make backup ENV=production")]
    [InlineData("restore ENV=staging", "Which moment? make restore ENV=staging AT=2026-11-21T09:15:00Z")]
    [InlineData("logs", "Which environment? make logs ENV=production")]
    public async Task What_is_not_said_is_asked_for_and_no_server_is(string target, string question)
    {
        var (code, output) = await MakeAsync(target);

        Assert.Equal(2, code);
        Assert.Equal(question, output[0]);
        Assert.DoesNotContain(output, line => line.StartsWith("ssh", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("deploy-all ENV=production TAG=1.2.3", "install")]
    [InlineData("health-check-all ENV=production", "status")]
    public async Task After_a_step_that_fails_the_next_is_not_taken(string target, string failing)
    {
        var (code, output) = await MakeAsync(target, failing);

        Assert.Equal(2, code);
        Assert.Single(output, line => line.StartsWith("ssh", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_services_are_those_of_the_model_and_of_the_deployment()
    {
        var (_, services) = await MakeAsync("list-services");

        Assert.Subset(
            services.ToHashSet(),
            new HashSet<string> { "api", "migrations", "postgres", "proxy", "prometheus" }
        );
        Assert.Equal(services.Order(StringComparer.Ordinal), services);
    }

    private async Task<(int Code, string[] Output)> MakeAsync(string target, string failing = "none")
    {
        var start = new ProcessStartInfo("make", target.Split(' '))
        {
            WorkingDirectory = Committed.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{_folder.FullName}:{start.Environment["PATH"]}";
        start.Environment["FAILING"] = failing;
        start.Environment["ENV"] = "/etc/shinit"; // what some shells have there
        foreach (var name in new[] { "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "TAG", "SERVICE", "AT" })
        {
            start.Environment.Remove(name); // of the make that runs the tests
        }

        using var make = Process.Start(start)!;
        var errors = make.StandardError.ReadToEndAsync();
        var output = await make.StandardOutput.ReadToEndAsync() + await errors;
        await make.WaitForExitAsync();
        return (make.ExitCode, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
