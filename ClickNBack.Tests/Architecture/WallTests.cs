using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ClickNBack.Api;
using ClickNBack.Api.Persistence;
using ClickNBack.MerchantSimulator;
using ClickNBack.MigrationService;
using ClickNBack.ServiceDefaults;

namespace ClickNBack.Tests.Architecture;

/// <summary>The walls between the parts of the platform that a look at the sources and assemblies keeps.</summary>
public sealed class WallTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(ThisFile(), "../../.."));
    private static readonly Assembly Api = typeof(ClickNBackApi).Assembly;

    [Fact]
    public void No_statement_writes_balances_or_cap_usages()
    {
        Assert.Empty(
            Mentions(
                @"(Wallets|MonthlyCapUsages)\.(Add|Update|Remove)|(UPDATE|INTO|DELETE FROM) (wallets|monthly_cap_usages)\b"
            )
        );
    }

    [Fact]
    public void No_statement_outside_the_ledger_moves_money()
    {
        Assert.Empty(Mentions(@"INTO transfers\b", "Ledger"));
        Assert.NotEmpty(Mentions(@"INTO transfers\b"));
    }

    [Fact]
    public void Nothing_but_http_knows_the_status_codes_of_errors()
    {
        Assert.Empty(
            Mentions(@"StatusCodes\.Status[45]|Results\.(NotFound|BadRequest|Conflict|Problem|StatusCode)\(", "Http")
        );
        Assert.NotEmpty(Mentions(@"StatusCodes\.Status[45]"));
    }

    [Fact]
    public void Money_is_never_binary_floating_point()
    {
        var types = Api.GetTypes()
            .Where(it => it.GetCustomAttribute<CompilerGeneratedAttribute>() is null)
            .Where(it => it.Name.EndsWith("Response", StringComparison.Ordinal) || IsEntity(it) || IsRequest(it));

        var floating = types
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            .Where(it =>
                (Nullable.GetUnderlyingType(it.PropertyType) ?? it.PropertyType) is var type
                && (type == typeof(double) || type == typeof(float) || type == typeof(Half))
            )
            .Select(it => $"{it.DeclaringType}.{it.Name}");

        Assert.Empty(floating);
        Assert.True(types.Count() > 30);

        static bool IsEntity(Type type) =>
            typeof(ClickNBackDbContext)
                .GetProperties()
                .Any(set => set.PropertyType.IsGenericType && set.PropertyType.GetGenericArguments()[0] == type);

        static bool IsRequest(Type type) => type.Name == "Request";
    }

    [Fact]
    public void The_service_defaults_know_no_feature()
    {
        Assert.Empty(ReferencesOf(typeof(ServiceDefaultsExtensions).Assembly));
    }

    [Fact]
    public void The_api_knows_neither_its_migrations_nor_who_starts_it()
    {
        Assert.Equal(["ClickNBack.ServiceDefaults"], ReferencesOf(Api));
    }

    [Fact]
    public void The_migration_worker_knows_the_api_and_nobody_knows_it()
    {
        Assert.Contains("ClickNBack.Api", ReferencesOf(typeof(MigrationProgram).Assembly));
        Assert.DoesNotContain("ClickNBack.MigrationService", ReferencesOf(Api));
    }

    [Fact]
    public void The_simulated_merchants_know_of_the_platform_what_http_tells_them()
    {
        Assert.Equal(["ClickNBack.ServiceDefaults"], ReferencesOf(typeof(Simulator).Assembly));
    }

    [Fact]
    public void The_apphost_references_projects_and_never_their_types()
    {
        var project = XDocument.Load(Path.Combine(Root, "ClickNBack.AppHost/ClickNBack.AppHost.csproj"));
        Assert.Contains(
            project.Descendants("ProjectReference"),
            it => (string?)it.Attribute("Include") == "../ClickNBack.Api/ClickNBack.Api.csproj"
        );
        Assert.Empty(
            Mentions(
                @"using ClickNBack\.(Api|MerchantSimulator|MigrationService|ServiceDefaults)\b",
                project: "ClickNBack.AppHost"
            )
        );
    }

    // The places in a project's sources, except in a folder, that match.
    private static List<string> Mentions(string pattern, string except = "-", string project = "ClickNBack.Api")
    {
        var sources = Path.Combine(Root, project);
        return
        [
            .. Directory
                .EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(sources, file))
                .Where(file =>
                    file.Split(Path.DirectorySeparatorChar)[0] is var folder
                    && folder != except
                    && folder is not ("obj" or "bin")
                )
                .Where(file =>
                    Regex.IsMatch(
                        File.ReadAllText(Path.Combine(sources, file)),
                        pattern,
                        RegexOptions.None,
                        TimeSpan.FromSeconds(1)
                    )
                ),
        ];
    }

    private static List<string> ReferencesOf(Assembly assembly) =>
        [
            .. assembly
                .GetReferencedAssemblies()
                .Select(it => it.Name!)
                .Where(it => it.StartsWith("ClickNBack", StringComparison.Ordinal)),
        ];

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
