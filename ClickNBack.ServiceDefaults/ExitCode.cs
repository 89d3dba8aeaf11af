namespace ClickNBack.ServiceDefaults;

/// <summary>What a program tells whoever started it.</summary>
public static class ExitCode
{
    /// <summary>Done, or stopped when asked to.</summary>
    public const int Success = 0;

    /// <summary>It failed; the log says why.</summary>
    public const int Failure = 1;

    /// <summary><c>EX_USAGE</c> of sysexits.h: it does not understand its arguments.</summary>
    public const int Usage = 64;

    /// <summary><c>EX_CONFIG</c> of sysexits.h: starting it again without another configuration is no use.</summary>
    public const int InvalidConfiguration = 78;

    /// <summary>
    /// Runs the program. Wrong configuration becomes plain lines on standard error and
    /// <see cref="InvalidConfiguration"/>; any other exception is logged and becomes <see cref="Failure"/>.
    /// </summary>
    public static Task<int> OfAsync(Func<Task<int>> program)
    {
        Console.SetOut(Logs.WriterOfLines(Console.OpenStandardOutput()));
        return OfAsync(program, Console.Error, Logs.CreateFactory);
    }

    internal static async Task<int> OfAsync(Func<Task<int>> program, TextWriter errors, Func<ILoggerFactory> logs)
    {
        try
        {
            return await program();
        }
        catch (InvalidConfigurationException invalid)
        {
            foreach (var error in invalid.Errors)
            {
                await errors.WriteLineAsync(error.ToString());
            }

            return InvalidConfiguration;
        }
        catch (Exception exception) when (exception is not HostAbortedException) // tools stop a Main with that one
        {
            using var factory = logs(); // the host's own may be disposed, or was never built
            factory.CreateLogger("ClickNBack.Program").LogCritical(exception, "The program stopped");
            return Failure;
        }
    }
}
