using System.Diagnostics;
using System.Diagnostics.Metrics;
using Polly;
using Polly.Telemetry;

namespace ClickNBack.ServiceDefaults;

/// <summary>
/// Counts what the pipelines do under the names that Polly's own telemetry package uses, and logs what an operator
/// wants to know: retries and circuits that open.
/// </summary>
internal sealed class ResilienceEvents(ILogger? logger) : TelemetryListener
{
    public const string MeterName = "Polly";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<int> Events = Meter.CreateCounter<int>(
        "resilience.polly.strategy.events",
        description: "What resilience strategies did"
    );

    public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args)
    {
        if (args.Event.Severity is ResilienceEventSeverity.None or ResilienceEventSeverity.Debug)
        {
            return;
        }

        var tags = new TagList
        {
            { "event.name", args.Event.EventName },
            { "event.severity", args.Event.Severity.ToString() },
            { "pipeline.name", args.Source.PipelineName },
            { "strategy.name", args.Source.StrategyName },
        };
        if (args.Outcome?.Exception is { } exception)
        {
            tags.Add("exception.type", exception.GetType().FullName);
        }

        Events.Add(1, tags);
        if (args.Event.Severity >= ResilienceEventSeverity.Warning)
        {
            logger?.LogWarning(
                "{Pipeline}: {Strategy}: {Event} ({Outcome})",
                args.Source.PipelineName,
                args.Source.StrategyName,
                args.Event.EventName,
                Describe(args.Outcome)
            );
        }
    }

    // Of a response only the status: its headers may be confidential.
    private static string? Describe<TResult>(Outcome<TResult>? outcome) =>
        outcome switch
        {
            { Exception: { } exception } => exception.Message,
            { Result: HttpResponseMessage response } => $"HTTP {(int)response.StatusCode}",
            _ => null,
        };
}
