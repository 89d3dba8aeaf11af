using System.Globalization;

namespace ClickNBack.Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record Options
{
    /// <summary>How to call this program.</summary>
    public const string Usage = """
        Measures ClickNBack beside a bare-Npgsql program doing the same SQL, and prints Markdown tables.

          --connections 16        how many requests are under way at once
          --people 1,32,10000     how many users' purchases are recorded in turn
          --rounds 5              how often each program is measured, in turns
          --seconds 2             how long a round takes
          --users 100000          how many users there are
          --purchases 1000000     how many purchases they have made
          --only start,plans,costs,memory,job,requests   not everything, but these parts
          --only reports          matches a report of each purchase, on a database of its own
          --only console          opens every page of the console
          --write FILE            replaces the generated part of that document
          --statements            only prints the SQL that the API and the bare program send for each request
        """;

    private static readonly string[] UsualParts = ["start", "plans", "costs", "memory", "job", "requests"];

    private static readonly string[] AllParts = [.. UsualParts, "reports", "console"];

    public IReadOnlyList<int> Connections { get; private init; } = [16];

    public IReadOnlyList<int> People { get; private init; } = [1, 32, BenchmarkEnvironment.MostPeople];

    public int Seconds { get; private init; } = 2;

    public int Rounds { get; private init; } = 5;

    public int Users { get; private init; } = 100_000;

    public int Purchases { get; private init; } = 1_000_000;

    /// <summary>Which parts are measured.</summary>
    public IReadOnlyList<string> Parts { get; private init; } = UsualParts;

    public string? Document { get; private init; }

    public bool StatementsOnly { get; private init; }

    /// <summary>As on the command line, without the document.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"--users {Users} --purchases {Purchases} --connections {string.Join(',', Connections)} --people {string.Join(',', People)} --rounds {Rounds} --seconds {Seconds}"
        ) + (ReferenceEquals(Parts, UsualParts) ? "" : $" --only {string.Join(',', Parts)}");

    /// <exception cref="FormatException">An unknown option, or a value that does not fit.</exception>
    public static Options Parse(IReadOnlyList<string> arguments)
    {
        var options = new Options();
        var words = new Queue<string>(arguments);
        while (words.TryDequeue(out var name))
        {
            options = name switch
            {
                "--connections" => options with
                {
                    Connections = [.. Value().Split(',').Select(it => Number(it, 1, 1000))],
                },
                "--people" => options with
                {
                    People = [.. Value().Split(',').Select(it => Number(it, 1, BenchmarkEnvironment.MostPeople))],
                },
                "--seconds" => options with { Seconds = Number(Value(), 1, 600) },
                "--rounds" => options with { Rounds = Number(Value(), 1, 100) },
                "--users" => options with { Users = Number(Value(), 100, 10_000_000) },
                "--purchases" => options with { Purchases = Number(Value(), 1_000, 100_000_000) },
                "--only" => options with { Parts = [.. Value().Split(',').Select(Part)] },
                "--write" => options with { Document = Value() },
                "--statements" => options with { StatementsOnly = true },
                _ => throw new FormatException($"Unknown option {name}"),
            };

            string Value() =>
                words.TryDequeue(out var value) ? value : throw new FormatException($"{name} needs a value");
        }

        return options;
    }

    private static string Part(string text) =>
        AllParts.Contains(text, StringComparer.Ordinal) ? text : throw new FormatException($"Unknown part {text}");

    private static int Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number >= least
        && number <= most
            ? number
            : throw new FormatException($"\"{text}\" is no whole number from {least} to {most}");
}
