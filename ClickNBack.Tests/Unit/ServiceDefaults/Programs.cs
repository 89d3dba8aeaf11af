using ClickNBack.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

/// <summary>Small programs with the service defaults and nothing else.</summary>
internal static class Programs
{
    /// <summary>Longer than anything here takes; reaching it is a failure.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static WebApplicationBuilder Web(params (string Key, string? Value)[] settings) =>
        Web(Environments.Production, settings);

    public static WebApplicationBuilder Web(string environment, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { ApplicationName = "ClickNBack.Probe", EnvironmentName = environment }
        );
        Prepare(builder, settings);
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        return builder;
    }

    public static HostApplicationBuilder Worker(params (string Key, string? Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder(
            new HostApplicationBuilderSettings
            {
                ApplicationName = "ClickNBack.Probe",
                EnvironmentName = Environments.Production,
            }
        );
        Prepare(builder, settings);
        return builder;
    }

    public static Uri Address(this WebApplication app) =>
        new(
            app.Services.GetRequiredService<IServer>()
                .Features.GetRequiredFeature<IServerAddressesFeature>()
                .Addresses.First()
        );

    public static InvalidConfigurationException WhatIsWrongWith(Func<IDisposable> build) =>
        Assert.Throws<InvalidConfigurationException>(() => build().Dispose());

    private static void Prepare(IHostApplicationBuilder builder, (string Key, string? Value)[] settings)
    {
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            settings.GroupBy(setting => setting.Key).Select(same => KeyValuePair.Create(same.Key, same.Last().Value))
        );
    }
}

/// <summary>A clock whose time passes only when it is told to.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _timers = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Whether something waits for exactly this long from now.</summary>
    public bool HasTimer(TimeSpan due)
    {
        lock (_lock)
        {
            return _timers.Exists(timer => timer.Due == _now + due);
        }
    }

    /// <summary>To when the next timer is due, if that is not further away than this.</summary>
    public void AdvanceToNext(TimeSpan longest)
    {
        TimeSpan next;
        lock (_lock)
        {
            next = _timers.Count == 0 ? TimeSpan.MaxValue : _timers.Min(timer => timer.Due) - _now;
        }

        if (next <= longest)
        {
            Advance(next);
        }
    }

    public void Advance(TimeSpan time)
    {
        List<Timer> due;
        lock (_lock)
        {
            _now += time;
            due = [.. _timers.Where(timer => timer.Due <= _now)];
            _timers.RemoveAll(due.Contains);
        }

        due.ForEach(timer => timer.Fire());
    }

    private sealed class Timer(ManualClock clock, Action fire) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public Action Fire => fire;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                if (dueTime == TimeSpan.Zero)
                {
                    ThreadPool.QueueUserWorkItem(_ => fire());
                }
                else if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = clock._now + dueTime;
                    clock._timers.Add(this);
                }
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>Waits for what another thread does.</summary>
internal static class Eventually
{
    public static async Task Holds(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Programs.Patience);
        while (!await condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public static Task Holds(Func<bool> condition) => Holds(() => Task.FromResult(condition()));
}

/// <summary>Remembers the lines that pass the filters.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly List<(string Category, LogLevel Level, string Text)> _lines = [];

    public IReadOnlyList<(string Category, LogLevel Level, string Text)> All
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose() { }

    private sealed class Logger(LogLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            lock (lines._lines)
            {
                lines._lines.Add((category, logLevel, formatter(state, exception)));
            }
        }
    }
}

/// <summary>For what hears everything that happens in the process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class ByItself
{
    public const string Name = "by itself";
}
