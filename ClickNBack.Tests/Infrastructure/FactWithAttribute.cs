using System.ComponentModel;
using System.Diagnostics;
using ClickNBack.AppHost;
using ClickNBack.AppHost.LocalPostgres;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>What not every machine has.</summary>
public enum Requirement
{
    /// <summary>A container engine that answers.</summary>
    Containers,

    /// <summary>PostgreSQL's programs.</summary>
    PostgresPrograms,

    /// <summary>PgBouncer.</summary>
    PgBouncer,

    /// <summary>A <c>kubectl</c> of Kubernetes 1.21 or later, since when its <c>kustomize</c> is one.</summary>
    Kustomize,

    /// <summary>A browser.</summary>
    Chromium,
}

/// <summary>
/// A test that there is only where the machine has what it needs: elsewhere it is not part of the run. It has the trait
/// <c>Requires</c>, so that a run can do without.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("ClickNBack.Tests.Infrastructure.FactWithDiscoverer", "ClickNBack.Tests")]
[TraitDiscoverer("ClickNBack.Tests.Infrastructure.RequirementTrait", "ClickNBack.Tests")]
public sealed class FactWithAttribute(Requirement requirement) : FactAttribute, ITraitAttribute
{
    public Requirement Requirement => requirement;
}

/// <summary>What a test requires, as its trait.</summary>
public sealed class RequirementTrait : ITraitDiscoverer
{
    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute) =>
        [
            new(
                "Requires",
                traitAttribute.GetNamedArgument<Requirement>(nameof(FactWithAttribute.Requirement)).ToString()
            ),
        ];
}

/// <summary>Finds the tests that there are.</summary>
public sealed class FactWithDiscoverer(IMessageSink diagnostics) : IXunitTestCaseDiscoverer
{
    /// <summary>Where PgBouncer is.</summary>
    public const string PgBouncer = "/usr/sbin/pgbouncer";

    private static readonly Lazy<bool> Containers = new(() => ContainerEngine.Find() is not null);
    private static readonly Lazy<bool> Kustomize = new(HasKustomize);
    private static readonly Lazy<bool> PostgresPrograms = new(() => PostgresBinaries.Find() is not null);

    public IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions,
        ITestMethod testMethod,
        IAttributeInfo factAttribute
    ) =>
        IsMet(factAttribute.GetNamedArgument<Requirement>(nameof(FactWithAttribute.Requirement)))
            ? new FactDiscoverer(diagnostics).Discover(discoveryOptions, testMethod, factAttribute)
            : [];

    /// <summary>Whether this machine has it.</summary>
    public static bool IsMet(Requirement requirement) =>
        requirement switch
        {
            Requirement.Containers => Containers.Value,
            Requirement.PostgresPrograms => PostgresPrograms.Value,
            Requirement.PgBouncer => File.Exists(PgBouncer),
            Requirement.Kustomize => Kustomize.Value,
            Requirement.Chromium => Browser.Chromium.Path.Length > 0,
            _ => throw new ArgumentOutOfRangeException(nameof(requirement)),
        };

    private static bool HasKustomize()
    {
        try
        {
            using var kubectl = Process.Start(
                new ProcessStartInfo("kubectl", ["version", "--client"])
                {
                    UseShellExecute = false,
                    RedirectStandardOutput = true,
                }
            )!;
            var says = kubectl.StandardOutput.ReadToEnd();
            kubectl.WaitForExit();
            return says.Contains("Kustomize Version: v5", StringComparison.Ordinal);
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
