using System.Collections.Concurrent;
using ClickNBack.Api.Purchases;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>A verifier that says what a test wants, and remembers what it was asked.</summary>
internal sealed class ControlledVerifier : IPurchaseVerifier
{
    private readonly ConcurrentQueue<Guid> _asked = [];

    /// <summary>What it says; it may throw.</summary>
    public Func<Purchase, bool> Verdict { get; set; } = _ => true;

    /// <summary>What it waits for before it says it.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

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
