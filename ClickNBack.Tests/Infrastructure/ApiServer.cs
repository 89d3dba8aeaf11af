using ClickNBack.Api;
using ClickNBack.Api.Purchases;
using ClickNBack.Tests.Unit.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>How an API of the tests differs from the real one.</summary>
public sealed record ApiSetup
{
    public static readonly Guid RejectionMerchant = new("f0000000-0000-0000-0000-000000000001");

    public const string SigningKey = "the tests' signing key, 32 characters or more";

    public const string EncryptionKey = "the tests' encryption key, 32 characters or more";

    /// <summary>Whether the verification job runs; without it a purchase stays pending until a test decides.</summary>
    public bool VerificationJob { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Replaces services.</summary>
    public Action<IServiceCollection> Services { get; init; } = static _ => { };

    /// <summary>Settings that win over those below.</summary>
    public Dictionary<string, string?> Settings { get; init; } = [];

    internal Dictionary<string, string?> AllSettings(string connectionString)
    {
        var settings = new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["ConnectionStrings:clicknback"] = connectionString,
            ["Authentication:SigningKey"] = SigningKey,
            ["Encryption:Key"] = EncryptionKey,
            ["Verification:Mode"] = "simulated",
            ["Verification:AllowSimulation"] = "true",
            ["Verification:RejectionMerchantId"] = RejectionMerchant.ToString(),
            ["RateLimits:Enabled"] = "false",
            ["Claims:MaxPerDay"] = "0",
            ["Claims:MaxAmountPerDay"] = "0",
            ["Shutdown:DrainSeconds"] = "0",
            ["Payouts:AccountAgeDays"] = "0",
            ["Payouts:ReviewAmount"] = "0",
            ["Payouts:ReviewNewDestinations"] = "false",
            ["Payouts:PayerName"] = "ClickNBack GmbH",
            ["Payouts:PayerIban"] = "DE02120300000000202051",
        };
        foreach (var (key, value) in Settings)
        {
            settings[key] = value;
        }

        return settings;
    }
}

/// <summary>
/// The real API in this process, on a port of its own, connected as the API's role. Several of them on one database are
/// several processes, as far as the database can tell.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly LogLines _log;
    private readonly HttpClient _http;

    private ApiServer(WebApplication app, LogLines log)
    {
        _app = app;
        _log = log;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = app.Address() };
        Anonymous = new ApiClient(_http, null);
    }

    /// <summary>Somebody who is not logged in.</summary>
    public ApiClient Anonymous { get; }

    public Uri Address => _http.BaseAddress!;

    public IServiceProvider Services => _app.Services;

    /// <summary>The log's lines of level error and above.</summary>
    public IEnumerable<string> ErrorLines => _log.All.Where(it => it.Level >= LogLevel.Error).Select(it => it.Text);

    public IEnumerable<string> LogLines => _log.All.Select(it => it.Text);

    public static Task<ApiServer> StartAsync(TestDatabase database, ApiSetup? setup = null) =>
        StartAsync(database.ApiConnectionString, setup);

    public static async Task<ApiServer> StartAsync(string connectionString, ApiSetup? setup = null)
    {
        setup ??= new ApiSetup();
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions
            {
                ApplicationName = typeof(ClickNBackApi).Assembly.GetName().Name,
                EnvironmentName = Environments.Production,
            }
        );
        builder.Configuration.AddInMemoryCollection(setup.AllSettings(connectionString));
        builder.Services.AddSingleton(setup.Clock);
        builder.AddClickNBack();

        var log = new LogLines();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.Configure<PasswordHasherOptions>(options => options.IterationCount = 10); // not what is tested
        if (!setup.VerificationJob)
        {
            builder.Services.Remove(builder.Services.Single(it => it.ImplementationType == typeof(VerificationJob)));
        }

        setup.Services(builder.Services);
        var app = builder.Build();
        await app.MapClickNBack().StartAsync();
        return new ApiServer(app, log);
    }

    /// <summary>Rounds of the verification job, now, until nothing is due; answers how many were found.</summary>
    public async Task<int> VerifyAsync()
    {
        var round = Services.GetRequiredService<IVerificationRound>();
        var all = 0;
        int taken;
        do
        {
            taken = await round.RunAsync(CancellationToken.None);
            all += taken;
        } while (taken == IVerificationRound.BatchSize);

        return all;
    }

    /// <summary>Somebody with this access token, whatever it is worth.</summary>
    public ApiClient With(string? accessToken) => Anonymous.With(accessToken);

    /// <summary>A new user, logged in.</summary>
    public Task<Person> UserAsync(string? email = null) => Person.NewAsync(Anonymous, email);

    /// <summary>The administrator that the migration worker made, logged in.</summary>
    public Task<Person> AdminAsync() => Person.AdminAsync(Anonymous);

    public Task<Person> LoginAsync(string email, string password) => Person.LoginAsync(Anonymous, email, password);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>Names that nothing else in the run has.</summary>
internal static class Unique
{
    private static int last;

    public static string Text() => $"n{Interlocked.Increment(ref last)}-{Environment.ProcessId}";
}
