using System.Diagnostics;

namespace ClickNBack.Tests.Soak;

/// <summary>Groups act, and every minute a line says how it goes.</summary>
internal sealed class SoakRun(SoakEnvironment environment, SoakOptions options)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Pace _pace = new(options.Rate);
    private readonly Problems _problems = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<long[]> _memory = [];
    private long _reported;
    private int _errorLines;

    /// <summary>Runs until told to stop; answers whether everything held.</summary>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        Console.WriteLine(
            $"{options.Groups} groups of users, processes {string.Join(" and ", environment.Processes.Select(it => it.Id))}, "
                + $"{(options.Rate is { } rate ? $"at most {rate} operations a second" : "as fast as it goes")}, "
                + $"{(options.Minutes is { } minutes ? $"{minutes} minutes" : "until Ctrl-C")}"
        );
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var groups = Enumerable.Range(0, options.Groups).Select(nth => ActAsync(nth % 2 == 0, enough)).ToList();
        using var clock = new PeriodicTimer(Minute);
        try
        {
            while (await clock.WaitForNextTickAsync(enough.Token))
            {
                await ReportAsync();
            }
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("Stopping: every group settles what it has begun");
        }

        await Task.WhenAll(groups);
        await ReportAsync();
        return Conclude();
    }

    private async Task ActAsync(bool isVerified, CancellationTokenSource enough)
    {
        while (!enough.IsCancellationRequested)
        {
            try
            {
                await new Group(environment, _pace, _problems, isVerified).ActAsync(enough.Token);
            }
            catch (Exception exception)
            {
                _problems.Note(exception.ToString()); // whatever it is, it is the result of this test
            }

            if (_problems.AreEnough)
            {
                await enough.CancelAsync();
            }
        }
    }

    private async Task ReportAsync()
    {
        foreach (var broken in await environment.BrokenInvariantsAsync())
        {
            _problems.Note($"Broken: {broken}");
        }

        var errors = environment.Processes.SelectMany(it => it.ErrorLines).ToList();
        foreach (var line in errors.Skip(_errorLines))
        {
            _problems.Note($"Logged: {line}");
        }

        _errorLines = errors.Count;
        var operations = _pace.Done - _reported;
        _reported += operations;
        var (mean, slowest) = _pace.TakeTimes(operations);
        var (connections, size, pending) = await environment.MeasureAsync();
        _memory.Add(environment.Memory());
        Console.WriteLine(
            $"{Stopwatch.GetElapsedTime(_start):hh\\:mm\\:ss} operations {_reported} ({operations / Minute.TotalSeconds:0}/s, "
                + $"mean {mean.TotalMilliseconds:0.0} ms, slowest {slowest.TotalMilliseconds:0} ms), problems {_problems.Count}, "
                + $"memory {string.Join(" and ", _memory[^1])} MiB, connections {connections}, database {size} MiB, "
                + $"oldest pending {pending.TotalSeconds:0.0} s, invariants checked"
        );
    }

    private bool Conclude()
    {
        var elapsed = Stopwatch.GetElapsedTime(_start);
        Console.WriteLine(
            $"{(_problems.Count == 0 ? "Everything held" : $"{_problems.Count} PROBLEMS")}: {_pace.Done} operations in {elapsed:hh\\:mm\\:ss}, "
                + $"{_pace.Done / elapsed.TotalSeconds:0} a second; memory at first {string.Join(" and ", _memory[0])} MiB, "
                + $"at last {string.Join(" and ", _memory[^1])} MiB"
        );
        return _problems.Count == 0;
    }
}
