using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClickNBack.AppHost;

/// <summary>How the platform runs on a developer's machine.</summary>
internal static class PlatformRun
{
    // Where the launch profile has dashboard, telemetry and resource service listen.
    private static readonly string[] DashboardAddresses =
    [
        "ASPNETCORE_URLS",
        "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL",
        "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL",
    ];

    /// <summary>The program that was built from a project together with this one, without the extension that it has.</summary>
    public static string ProgramOf(string projectFile) =>
        Path.Combine(
            Path.GetDirectoryName(projectFile)!,
            "bin",
            typeof(PlatformRun).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
            "net10.0",
            Path.GetFileNameWithoutExtension(projectFile)
        );

    /// <summary>Runs it to its end; what is missing or wrong on this machine is one message, not an exception.</summary>
    /// <returns>The exit code of the process.</returns>
    public static async Task<int> RunToExitCodeAsync(this DistributedApplication application)
    {
        try
        {
            await application.RunAsync();
            return 0;
        }
        catch (DistributedApplicationException problem)
        {
            await Console.Error.WriteLineAsync(problem.Message);
            return 1;
        }
    }

    /// <summary>
    /// Adds what makes a run on a developer's machine pleasant: a quick start and end, other ports for the dashboard where somebody
    /// has its own, no talk of certificates, and a word when everything is ready.
    /// </summary>
    public static IDistributedApplicationBuilder AddLocalRun(this IDistributedApplicationBuilder builder)
    {
        if (builder.ExecutionContext.IsPublishMode)
        {
            return builder;
        }

        foreach (var address in DashboardAddresses.Where(it => builder.Configuration[it] is not null))
        {
            var url = new UriBuilder(builder.Configuration[address]!);
            if (!IsFree(url.Port))
            {
                url.Port = FreePort();
                builder.Configuration[address] = url.Uri.GetLeftPart(UriPartial.Authority);
            }
        }

        foreach (var project in builder.Resources.OfType<ProjectResource>().ToList())
        {
            builder.CreateResourceBuilder(project).WithBuiltProgram().WithQuickEnd();
        }

        // Nothing here speaks TLS; a resource that might makes the dashboard complain that no certificate is trusted.
        foreach (var resource in builder.Resources.OfType<IResourceWithEnvironment>())
        {
            resource.Annotations.Add(new HttpsCertificateAnnotation { UseDeveloperCertificate = false });
        }

        builder.Services.AddEagerHealthChecks();
        if (builder.Configuration["AppHost:BrowserToken"] is not null) // tests have no dashboard, and need no words
        {
            builder.Services.AddHostedService<Announcement>();
        }

        return builder;
    }

    /// <summary>Says in the terminal and in the dashboard, among the resource's properties and in its log, why it is what it is.</summary>
    public static IResourceBuilder<T> WithReason<T>(this IResourceBuilder<T> builder, string reason)
        where T : IResource
    {
        builder.ApplicationBuilder.Eventing.Subscribe<BeforeStartEvent>(
            async (start, _) =>
            {
                start.Services.GetRequiredService<ILogger<PlatformDatabase>>().LogInformation("{Reason}", reason);
                start
                    .Services.GetRequiredService<ResourceLoggerService>()
                    .GetLogger(builder.Resource)
                    .LogInformation("{Reason}", reason);
                await start
                    .Services.GetRequiredService<ResourceNotificationService>()
                    .PublishUpdateAsync(
                        builder.Resource,
                        it =>
                            it with
                            {
                                Properties = it.Properties.Add(
                                    new("clicknback.reason", reason) { DisplayName = "Reason", IsHighlighted = true }
                                ),
                            }
                    );
            }
        );
        return builder;
    }

    /// <summary>Lets Aspire choose a port where somebody else has the one of the launch profile.</summary>
    public static IResourceBuilder<ProjectResource> WithFreePort(this IResourceBuilder<ProjectResource> project) =>
        project.WithEndpoint("http", endpoint => endpoint.Port = IsFree(endpoint.Port) ? endpoint.Port : null);

    // Aspire would ask `dotnet run` for the program, which takes most of a second to find what was built with this one.
    private static IResourceBuilder<ProjectResource> WithBuiltProgram(this IResourceBuilder<ProjectResource> project)
    {
        var file = project.Resource.GetProjectMetadata().ProjectPath;
        return project
            .WithAnnotation(
                new ExecutableAnnotation
                {
                    Command = ProgramOf(file) + (OperatingSystem.IsWindows() ? ".exe" : ""),
                    WorkingDirectory = Path.GetDirectoryName(file)!,
                }
            )
            .WithEnvironment("DOTNET_ROOT", Path.GetFullPath("../../..", RuntimeEnvironment.GetRuntimeDirectory()));
    }

    // Everything ends at once, the dashboard first: whoever tries again to tell it the rest would do so for five seconds.
    private static void WithQuickEnd(this IResourceBuilder<ProjectResource> project) =>
        project.WithEnvironment(context => context.EnvironmentVariables.Remove("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool IsFree(int? port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port ?? 0);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
