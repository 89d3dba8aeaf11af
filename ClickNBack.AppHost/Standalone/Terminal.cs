namespace ClickNBack.AppHost.Standalone;

/// <summary>What the person at the terminal sees: every resource's lines behind its name, and a few lines of our own.</summary>
internal sealed class Terminal(TextWriter output)
{
    private static readonly int[] Colours = [36, 35, 33, 32, 34, 96, 95, 93];
    private readonly Lock gate = new();
    private readonly List<string> names = [];

    // https://no-color.org
    private readonly bool coloured =
        ReferenceEquals(output, Console.Out)
        && !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    private int width = 10;

    /// <summary>Announces a resource, so that all names get columns of one width.</summary>
    public void Register(string name)
    {
        names.Add(name);
        width = Math.Max(width, name.Length);
    }

    /// <summary>A line of a resource.</summary>
    public void Log(string name, string line) =>
        Write(
            Colour($"{name.PadRight(width)} |", Colours[Math.Max(names.IndexOf(name), 0) % Colours.Length]) + " " + line
        );

    /// <summary>A line of our own.</summary>
    public void Say(string line) => Write(line);

    /// <summary>Good news.</summary>
    public void Praise(string line) => Write(Colour(line, 32));

    /// <summary>What went wrong.</summary>
    public void Complain(string line) => Write(Colour(line, 31));

    private string Colour(string text, int colour) => coloured ? $"\x1B[{colour}m{text}\x1B[0m" : text;

    private void Write(string line)
    {
        lock (gate)
        {
            try
            {
                output.WriteLine(line);
                output.Flush();
            }
            catch (IOException)
            {
                // The terminal is gone; stopping in order matters more than telling about it.
            }
        }
    }
}
