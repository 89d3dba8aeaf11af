using ClickNBack.Tests.Graph;
using ClickNBack.Tests.Integration;
using ClickNBack.Tests.Integration.Crashes;
using ClickNBack.Tests.Integration.Races;
using ClickNBack.Tests.Properties;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("ClickNBack.Tests.Infrastructure.LongestFirst", "ClickNBack.Tests")]

namespace ClickNBack.Tests.Infrastructure;

/// <summary>What takes longest begins first: in the end everybody would wait for it alone.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
    [
        typeof(ContractProperties).FullName!,
        typeof(CrashTests).FullName!,
        typeof(MigrationTests).FullName!,
        RaceCollection.Name,
        typeof(PlatformGraphTests).FullName!,
        typeof(ContainerGraphTests).FullName!,
        typeof(ProductionPostgresTests).FullName!,
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(it =>
            Array.FindIndex(Longest, name => it.DisplayName.EndsWith(name, StringComparison.Ordinal))
                is >= 0
                    and var place
                ? place
                : Longest.Length
        );
}
