using System.Collections.Concurrent;
using ClickNBack.Api.Purchases;
using Microsoft.Extensions.DependencyInjection;
using Polly;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>A verifier that says what a test wants, and remembers what it was asked.</summary>
internal sealed class ControlledVerifier : IPurchaseVerifier
{
    private readonly ConcurrentQueue<Guid> _asked = [];

    /// <summary>What it says; it may throw.</summary>
    public Func<Purchase, bool> Verdict { get; set; } = _ => true;

    /// <summary>What it waits for before it says it.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    /// <summary>An API that asks it, once an attempt.</summary>
    public ApiSetup Setup =>
        new()
        {
            Services = services =>
            {
                services.AddVerifier(this);
                services.AddKeyedSingleton(VerificationRound.PipelineName, ResiliencePipeline.Empty);
            },
        };

    /// <summary>The purchases it was asked about, in order.</summary>
    public IReadOnlyList<Guid> Asked => [.. _asked];

    public async ValueTask<bool> VerifyAsync(Purchase purchase, CancellationToken cancel)
    {
        _asked.Enqueue(purchase.Id);
        await Before().WaitAsync(cancel);
        return Verdict(purchase);
    }
}

internal static class ControlledVerifierExtensions
{
    public static void AddVerifier(this IServiceCollection services, ControlledVerifier verifier) =>
        services.AddSingleton<IPurchaseVerifier>(verifier);
}
