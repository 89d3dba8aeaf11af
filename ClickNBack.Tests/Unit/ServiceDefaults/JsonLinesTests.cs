using System.Text;
using System.Text.Json;
using ClickNBack.ServiceDefaults;
using Microsoft.Extensions.Logging;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

public sealed class JsonLinesTests
{
    private readonly ManualClock _clock = new();
    private readonly MemoryStream _output = new();

    private string[] Written =>
        Encoding.UTF8.GetString(_output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void Lines_gather_for_a_moment_and_are_written_in_their_order()
    {
        using var lines = new JsonLines(_output, _clock);
        var logger = lines.CreateLogger("Shop");
        logger.LogInformation("First");
        logger.LogInformation("Second");
        Assert.Empty(Written);

        _clock.Advance(TimeSpan.FromMilliseconds(20));

        Assert.Collection(
            Written,
            line => Assert.Contains("First", line, StringComparison.Ordinal),
            line => Assert.Contains("Second", line, StringComparison.Ordinal)
        );
        logger.LogInformation("Third");
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(3, Written.Length);
    }

    [Fact]
    public void An_error_is_written_at_once_with_what_came_before_it()
    {
        using var lines = new JsonLines(_output, _clock);
        var logger = lines.CreateLogger("Shop");
        logger.LogInformation("Before");

        logger.LogError(new InvalidOperationException("Broken"), "Failed");

        Assert.Equal(2, Written.Length);
        using var error = JsonDocument.Parse(Written[1]);
        Assert.Equal("Error", error.RootElement.GetProperty("LogLevel").GetString());
        Assert.StartsWith(
            "System.InvalidOperationException: Broken",
            error.RootElement.GetProperty("Exception").GetString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_is_pending_is_written_at_the_end()
    {
        var lines = new JsonLines(_output, _clock);
        lines.CreateLogger("Shop").LogInformation("Last");

        lines.Dispose();

        Assert.Single(Written);
    }

    [Fact]
    public void More_than_fits_is_written_without_waiting()
    {
        using var lines = new JsonLines(_output, _clock);
        var logger = lines.CreateLogger("Shop");
        var text = new string('x', 100_000);

        for (var i = 0; i < 4; i++)
        {
            logger.LogInformation("{Text}", text);
        }

        Assert.NotEmpty(Written);
    }

    [Fact]
    public void Values_keep_their_type_and_scopes_their_fields()
    {
        using var lines = new JsonLines(_output, _clock);
        var logger = lines.CreateLogger("Shop");
        var id = Guid.CreateVersion7();
        using (logger.BeginScope(new Dictionary<string, object?> { ["Order"] = 7L }))
        using (logger.BeginScope("by hand"))
        {
            logger.LogError(
                "{Id} {Count} {Share} {Price} {Done} {Name} {Day}",
                id,
                3,
                0.5,
                1.25m,
                true,
                "a \"b\"\n",
                new DateOnly(2026, 11, 20)
            );
        }

        using var json = JsonDocument.Parse(Assert.Single(Written));
        var state = json.RootElement.GetProperty("State");
        Assert.Equal(id, state.GetProperty("Id").GetGuid());
        Assert.Equal(3, state.GetProperty("Count").GetInt32());
        Assert.Equal(0.5, state.GetProperty("Share").GetDouble());
        Assert.Equal(1.25m, state.GetProperty("Price").GetDecimal());
        Assert.True(state.GetProperty("Done").GetBoolean());
        Assert.Equal("a \"b\"\n", state.GetProperty("Name").GetString());
        Assert.Equal("11/20/2026", state.GetProperty("Day").GetString());
        var scopes = json.RootElement.GetProperty("Scopes");
        Assert.Equal(7, scopes[0].GetProperty("Order").GetInt64());
        Assert.Equal("by hand", scopes[1].GetString());
    }
}
