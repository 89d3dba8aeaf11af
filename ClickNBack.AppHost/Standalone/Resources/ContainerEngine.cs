namespace ClickNBack.AppHost.Standalone;

/// <summary>Docker or Podman, by its command line.</summary>
internal sealed record ContainerEngine(string Program)
{
    private static readonly string[] Programs = ["docker", "podman"];

    /// <summary>The first engine that answers, or null.</summary>
    public static async Task<ContainerEngine?> FindAsync()
    {
        foreach (var program in Programs.Select(LocalProcess.FindOnPath).OfType<string>())
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                var (exitCode, _) = await LocalProcess.RunAsync(
                    new(program, "info"),
                    cancellationToken: patience.Token
                );
                if (exitCode == 0)
                {
                    return new(program);
                }
            }
            catch (Exception problem) when (problem is OperationCanceledException or SetupException)
            {
                // It is installed but does not answer: the same as not there.
            }
        }

        return null;
    }

    public Task<(int ExitCode, string Output)> RunAsync(params IReadOnlyList<string> arguments) =>
        LocalProcess.RunAsync(new(Program, arguments));
}
