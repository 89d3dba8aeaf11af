using System.Diagnostics;

namespace ClickNBack.Tests.Deployment;

/// <summary>Bash, for what is written in it.</summary>
internal static class Shell
{
    /// <summary>Runs a script; gives what it wrote, errors included. Fails if it does.</summary>
    public static string Run(string script, string input = "")
    {
        var start = new ProcessStartInfo(
            "bash",
            ["-c", $"set -Eeuo pipefail; shopt -s inherit_errexit extglob; exec 2>&1\n{script}"]
        )
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var bash = Process.Start(start)!;
        bash.StandardInput.Write(input);
        bash.StandardInput.Close();
        var output = bash.StandardOutput.ReadToEnd();
        bash.WaitForExit();
        Assert.True(bash.ExitCode == 0, output);
        return output;
    }
}
