using System.Globalization;

namespace ClickNBack.AppHost.Standalone.Dashboard;

/// <summary>The dashboard's HTML.</summary>
internal sealed class DashboardPages(Runner runner, DashboardGuard guard)
{
    private RunContext Context => runner.Context;

    public Html Overview(string nonce) =>
        Layout(
            "Dashboard",
            nonce,
            DashboardAssets.RefreshScript,
            Html.Of(
                $"""
                <div id="live" aria-live="off">{Resources()}</div>
                {Values()}
                {FirstSteps()}
                """
            )
        );

    /// <summary>The part of the overview that changes: the page asks for it again and again.</summary>
    public Html Resources() =>
        Html.Of(
            $"""
            <p class="summary {SummaryTone}"><span class="dot"></span>{Summary}</p>
            <table>
            <caption>Resources</caption>
            <thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col">Endpoint</th><th scope="col">Up</th><th scope="col">Restarts</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
            <tbody>{Html.Join(runner.Resources.Select(Row))}</tbody>
            </table>
            """
        );

    public Html Log(Resource resource, string nonce)
    {
        var lines = resource.Log.After(0);
        var last = lines.Count == 0 ? 0 : lines[^1].Number;
        return Layout(
            resource.Name,
            nonce,
            DashboardAssets.FollowScript,
            Html.Of(
                $"""
                <nav aria-label="Path"><a href="/">Dashboard</a> / <span aria-current="page">{resource.Name}</span></nav>
                <h1>{resource.Name} {Badge(resource)}</h1>
                {Problem(resource)}
                <details><summary>Environment</summary>{Environment(resource)}</details>
                <div class="bar"><h2>Log</h2><label><input type="checkbox" id="follow" checked> Follow</label></div>
                <pre id="log" tabindex="0" aria-label="Log of {resource.Name}" data-stream="/logs/{resource.Name}/stream?after={last}">{Lines(
                    lines
                )}</pre>
                """
            )
        );
    }

    public static Html Lines(IEnumerable<LogLine> lines) =>
        Html.Join(
            lines.Select(line => Html.Of($"<span class=\"line\"><time>{Clock(line.At)}</time> {line.Text}</span>"))
        );

    private Html Row(Resource resource) =>
        Html.Of(
            $"""
            <tr>
            <th scope="row"><a href="/logs/{resource.Name}">{resource.Name}</a><small>{Kind(resource)}</small></th>
            <td>{Badge(resource)}{Problem(resource)}</td>
            <td data-label="Endpoint">{Html.Join(resource.Addresses.Select(Endpoint))}</td>
            <td data-label="Up">{Uptime(resource)}</td>
            <td data-label="Restarts">{resource.Restarts}</td>
            <td class="actions">{Html.Join(Actions(resource).Select(action => Button(resource, action)))}</td>
            </tr>
            """
        );

    private static IEnumerable<string> Actions(Resource resource) =>
        resource.State switch
        {
            ResourceState.Running => ["Restart", "Stop"],
            ResourceState.Stopped or ResourceState.Failed => ["Start"],
            ResourceState.Completed => ["Restart"],
            ResourceState.Waiting or ResourceState.Starting or ResourceState.Stopping => [],
        };

    private Html Button(Resource resource, string action)
    {
        var verb = action.ToLowerInvariant();
        return Html.Of(
            $"""<form method="post" action="/resources/{resource.Name}/{verb}"><input type="hidden" name="{DashboardGuard.TokenField}" value="{guard.Token}"><button id="{verb}-{resource.Name}" aria-label="{action} {resource.Name}">{action}</button></form>"""
        );
    }

    private static Html Badge(Resource resource) =>
        Html.Of($"<span class=\"badge {Tone(resource)}\">{resource.StateText}</span>");

    private static string Tone(Resource resource) =>
        resource.State switch
        {
            ResourceState.Running => resource.Healthy == false ? "warn" : "good",
            ResourceState.Completed => "good",
            ResourceState.Failed => "bad",
            ResourceState.Stopped => "idle",
            ResourceState.Waiting or ResourceState.Starting or ResourceState.Stopping => "busy",
        };

    private static Html Problem(Resource resource) =>
        resource.Problem is { } problem ? Html.Of($"<small class=\"problem\">{problem}</small>") : Html.None;

    private static Html Endpoint(Uri address)
    {
        var text = address.GetLeftPart(UriPartial.Authority);
        return address.Scheme == Uri.UriSchemeHttp
            ? Html.Of($"<a href=\"{text}\" rel=\"noreferrer\" target=\"_blank\">{text}</a>")
            : Html.Of($"<code>{address.Authority}</code>");
    }

    private static string Kind(Resource resource) =>
        resource switch
        {
            PostgresResource => "PostgreSQL of this machine",
            ContainerResource => $"container {resource.Model.Image}",
            _ => resource.Model.IsJob ? "job" : "service",
        };

    private string SummaryTone =>
        runner.Resources.Select(Tone).ToHashSet(StringComparer.Ordinal) is var tones && tones.Contains("bad") ? "bad"
        : tones.Contains("warn") || tones.Contains("idle") ? "warn"
        : runner.Ready && !tones.Contains("busy") ? "good"
        : "busy";

    private string Summary =>
        SummaryTone switch
        {
            "bad" => "Something has failed",
            "warn" => "Not everything is running",
            "good" =>
                $"Everything is ready, after {runner.ReadyAfter.GetValueOrDefault().TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s",
            _ => "Starting …",
        };

    private Html Values()
    {
        var rows = Context
            .Plan.Manifest.Resources.Where(each =>
                !each.Runs && runner.Resources.Any(user => Context.Plan.RefersTo(user.Model, each.Name))
            )
            .Select(each =>
            {
                var reference = each.Type == ManifestResource.Parameter ? "value" : "connectionString";
                var value = Context.Plan.Shown.Resolve(each.Name, $"{{{each.Name}.{reference}}}");
                return Html.Of($"<tr><th scope=\"row\">{each.Name}</th><td><code>{value}</code></td></tr>");
            });
        return Html.Of(
            $"<details><summary>Parameters and connection strings</summary><table class=\"values\"><tbody>{Html.Join(rows)}</tbody></table></details>"
        );
    }

    private Html Environment(Resource resource)
    {
        var variables =
            resource is ProjectResource
                ? ProjectResource.OwnEnvironment(Context, resource.Model, Context.Plan.Shown)
                : resource.Model.Env.ToDictionary(
                    each => each.Key,
                    each => Context.Plan.Shown.Resolve(resource.Name, each.Value),
                    StringComparer.Ordinal
                );
        var rows = variables
            .OrderBy(each => each.Key, StringComparer.Ordinal)
            .Select(each =>
                Html.Of(
                    $"<tr><th scope=\"row\"><code>{each.Key}</code></th><td><code>{Context.Secrets.Clean(each.Value)}</code></td></tr>"
                )
            );
        return Html.Of($"<table class=\"values\"><tbody>{Html.Join(rows)}</tbody></table>");
    }

    private Html FirstSteps() =>
        Announcement.TryIt(runner) is { } command
            ? Html.Of(
                $"""<details><summary>First steps</summary><p>Log in as {Announcement.Logins}.</p><p>Alice's wallet, from a terminal:</p><pre tabindex="0">{command}</pre></details>"""
            )
            : Html.None;

    private string Uptime(Resource resource)
    {
        if (resource.StartedAt is not { } since)
        {
            return resource.ExitCode is { } code ? $"exit code {code.ToString(CultureInfo.InvariantCulture)}" : "–";
        }

        var time = Context.Time.GetUtcNow() - since;
        return time switch
        {
            { TotalMinutes: < 1 } => $"{time.Seconds} s",
            { TotalHours: < 1 } => $"{time.Minutes} min",
            _ => $"{(int)time.TotalHours} h {time.Minutes} min",
        };
    }

    private static string Clock(DateTimeOffset at) =>
        at.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private static Html Layout(string title, string nonce, Html script, Html content) =>
        Html.Of(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{title} · ClickNBack</title>
            <link rel="icon" href="{DashboardAssets.Icon}">
            <style nonce="{nonce}">{DashboardAssets.Style}</style>
            <noscript><meta http-equiv="refresh" content="5"></noscript>
            </head>
            <body>
            <header><a class="brand" href="/">Click<b>N</b>Back</a><span>local run</span></header>
            <main>{content}</main>
            <script nonce="{nonce}">{script}</script>
            </body>
            </html>
            """
        );
}
