using System.Diagnostics;

namespace ClickNBack.AppHost.LocalPostgres;

/// <summary>Runs a short-lived program.</summary>
internal static class Tool
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="input">What it reads from its standard input.</param>
    /// <returns>Its exit code, and what it has written, errors included.</returns>
    public static (int ExitCode, string Output) Run(IReadOnlyList<string> command, string input = "")
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetPathRoot(AppContext.BaseDirectory), // one that any user may read
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended without reading; the exit code says why.
        }

        var output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, output.Trim());
    }

    /// <summary>The full path of a program on the PATH, or null.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name))
            .FirstOrDefault(File.Exists);
}
