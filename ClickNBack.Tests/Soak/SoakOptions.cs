using System.Globalization;

namespace ClickNBack.Tests.Soak;

/// <summary>How long and how hard, from the environment.</summary>
/// <param name="Minutes">After how long it ends by itself; null: never.</param>
/// <param name="Rate">How many operations a second at most; null: as many as there can be.</param>
/// <param name="Groups">How many groups of users act at once.</param>
internal sealed record SoakOptions(double? Minutes, double? Rate, int Groups)
{
    private const int UsualGroups = 16;

    /// <summary>The options; null, with a line that says why, if one makes no sense.</summary>
    public static SoakOptions? Read()
    {
        if (
            !TryRead("MINUTES", out var minutes)
            || !TryRead("RATE", out var rate)
            || !TryRead("GROUPS", out var groups)
        )
        {
            return null;
        }

        return new SoakOptions(minutes, rate, (int)Math.Ceiling(groups ?? UsualGroups));
    }

    private static bool TryRead(string name, out double? value)
    {
        value = null;
        if (Environment.GetEnvironmentVariable(name) is not { Length: > 0 } text)
        {
            return true;
        }

        if (
            double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var given)
            && given > 0
        )
        {
            value = given;
            return true;
        }

        Console.Error.WriteLine($"{name} is \"{text}\"; it must be a number above 0.");
        return false;
    }
}
