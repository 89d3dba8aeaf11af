namespace ClickNBack.Tests.Infrastructure;

/// <summary>Docker or Podman, by its command line.</summary>
internal sealed record ContainerEngine(string Program)
{
    private static readonly string[] Programs = ["docker", "podman"];

    /// <summary>The first engine that answers, or null.</summary>
    public static async Task<ContainerEngine?> FindAsync()
    {
        foreach (var program in Programs.Select(LocalEnvironment.FindOnPath).OfType<string>())
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                // Unlike `info` it fails in every version when there is a program but no engine behind it.
                var (exitCode, _) = await LocalProcess.RunAsync(
                    new(program, "ps", "--quiet"),
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
