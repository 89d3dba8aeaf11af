using ClickNBack.ServiceDefaults;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

public sealed class ExitCodeTests : IDisposable
{
    private readonly StringWriter _errors = new();
    private readonly LogLines _lines = new();

    public void Dispose()
    {
        _errors.Dispose();
        _lines.Dispose();
    }

    [Fact]
    public async Task What_the_program_returns_is_the_exit_code()
    {
        Assert.Equal(3, await Of(() => Task.FromResult(3)));
        Assert.Empty(_errors.ToString());
    }

    [Fact]
    public async Task Wrong_configuration_is_plain_lines_and_exit_code_78()
    {
        var code = await Of(() =>
        {
            var builder = Programs.Worker(("Shutdown:DrainSeconds", "abc"), ("Shutdown:DranSeconds", "1"));
            builder.AddServiceDefaults();
            using var host = builder.Build();
            return Task.FromResult(0);
        });

        Assert.Equal(78, code);
        Assert.Equal(
            """
            Shutdown:DrainSeconds: given "abc", expected a whole number from 0 to 300 (environment variable Shutdown__DrainSeconds)
            Shutdown:DranSeconds: given an unknown name, expected one of DrainSeconds (environment variable Shutdown__DranSeconds)

            """,
            _errors.ToString()
        );
        Assert.Empty(_lines.All);
    }

    [Fact]
    public async Task Any_other_exception_is_logged_and_exit_code_1()
    {
        Assert.Equal(1, await Of(() => throw new InvalidOperationException("boom")));
        Assert.Equal(LogLevel.Critical, Assert.Single(_lines.All).Level);
    }

    [Fact]
    public async Task A_tool_that_stops_the_program_after_building_the_host_is_let_through() =>
        await Assert.ThrowsAsync<HostAbortedException>(() => Of(() => throw new HostAbortedException()));

    private Task<int> Of(Func<Task<int>> program) =>
        ExitCode.OfAsync(program, _errors, () => LoggerFactory.Create(logging => logging.AddProvider(_lines)));
}
