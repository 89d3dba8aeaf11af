using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Extensions;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnit;
using ClickNBack.Api;
using ClickNBack.Api.Ledger;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace ClickNBack.Tests.Architecture;

/// <summary>What the features know of each other, as the compiler wrote it down. A feature is a folder of the API.</summary>
public sealed class FeatureTests
{
    private const string Prefix = "ClickNBack.Api.";

    private static readonly ArchUnitNET.Domain.Architecture Product = new ArchLoader()
        .LoadAssembly(typeof(ClickNBackApi).Assembly)
        .Build();

    // All features go through the persistence, which maps all of them: it is none of them.
    private static List<(string From, string To)> References { get; } =
    [
        .. Product
            .Types.SelectMany(type => type.Dependencies.Select(it => (FeatureOf(type), FeatureOf(it.Target))))
            .Where(it => it is ({ Length: > 0 } from, { Length: > 0 } to) && from != to)
            .Where(it => it is not ("Persistence", _) and not (_, "Persistence"))
            .Distinct(),
    ];

    private static HashSet<string> Handlers { get; } =
    [
        .. Product
            .Types.Where(it =>
                it.GetMethodMembers().Any(method => method.IsStatic == true && method.NameStartsWith("Handle"))
            )
            .Select(it => it.FullName),
    ];

    [Fact]
    public void Features_know_each_other_in_one_direction_only()
    {
        var cycles = References;
        int before;
        do
        {
            before = cycles.Count;
            cycles = // without those that lead nowhere or that nothing leads to
            [
                .. cycles.Where(it =>
                    cycles.Exists(next => next.From == it.To) && cycles.Exists(last => last.To == it.From)
                ),
            ];
        } while (cycles.Count < before);

        Assert.Empty(cycles);
        Assert.True(References.Count > 20);
    }

    [Fact]
    public void A_use_case_is_known_to_its_own_feature_and_the_console_only()
    {
        var shared = Product
            .Types.SelectMany(type => type.Dependencies.Select(it => (From: FeatureOf(type), it.Target)))
            .Where(it => it.From is not ("" or "Console") && it.From != FeatureOf(it.Target) && IsUseCase(it.Target))
            .Select(it => $"{it.From}: {it.Target.FullName[Prefix.Length..]}")
            .Distinct();

        Assert.Empty(shared);
        Assert.True(Product.Types.Count(IsUseCase) > 30);
    }

    [Fact]
    public void Nothing_but_the_ledger_makes_movements_of_money()
    {
        var movements = Types().That().Are(typeof(Transfer));

        Types()
            .That()
            .DoNotResideInNamespace(typeof(Transfer).Namespace!)
            .Should()
            .NotCallAny(MethodMembers().That().AreConstructors().And().AreDeclaredIn(movements))
            .Check(Product);
    }

    private static string FeatureOf(IType type) =>
        type.Namespace?.FullName is { } name && name.StartsWith(Prefix, StringComparison.Ordinal)
            ? name[Prefix.Length..].Split('.')[0]
            : "";

    // A class with a handler, or what is nested in it.
    private static bool IsUseCase(IType type) => Handlers.Contains(type.FullName.Split('+')[0]);
}
