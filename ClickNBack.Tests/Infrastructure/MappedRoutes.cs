using ClickNBack.Api.Console;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>What the application maps, so that a test of every route cannot miss a new one.</summary>
internal static class MappedRoutes
{
    /// <summary>
    /// Every route as <c>GET /api/v1/offers/{id}</c>, without a slash at its end; HEAD comes with GET. The console's pages, which no
    /// program calls, have tests of their own.
    /// </summary>
    public static IReadOnlyList<string> Of(ApiServer server) =>
        [
            .. server
                .Services.GetRequiredService<EndpointDataSource>()
                .Endpoints.OfType<RouteEndpoint>()
                .Where(endpoint =>
                    !endpoint.RoutePattern.RawText!.StartsWith(ConsoleApp.Root, StringComparison.Ordinal)
                )
                .SelectMany(endpoint =>
                    endpoint
                        .Metadata.GetRequiredMetadata<IHttpMethodMetadata>()
                        .HttpMethods.Where(method => !HttpMethods.IsHead(method))
                        .Select(method => $"{method} {endpoint.RoutePattern.RawText!.TrimEnd('/')}")
                )
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Every address of the console that answers a GET, as <c>/console/cases/{id}</c>.</summary>
    public static IReadOnlyList<string> OfConsole(ApiServer server) =>
        [
            .. server
                .Services.GetRequiredService<EndpointDataSource>()
                .Endpoints.OfType<RouteEndpoint>()
                .Where(endpoint =>
                    endpoint.RoutePattern.RawText!.StartsWith(ConsoleApp.Root, StringComparison.Ordinal)
                    && endpoint
                        .Metadata.GetRequiredMetadata<IHttpMethodMetadata>()
                        .HttpMethods.Contains(HttpMethods.Get)
                )
                .Select(endpoint => endpoint.RoutePattern.RawText!.TrimEnd('/')),
        ];

    /// <summary>Fails by name for a route without an entry, and for an entry without a route.</summary>
    public static void ExpectEntries(ApiServer server, IEnumerable<string> entries, string table)
    {
        var routes = Of(server);
        var named = entries.ToHashSet(StringComparer.Ordinal);
        var missing = routes.Where(it => !named.Contains(it)).ToList();
        Assert.True(missing.Count == 0, $"Not in {table}: {string.Join(", ", missing)}");
        var gone = named.Except(routes, StringComparer.Ordinal).ToList();
        Assert.True(gone.Count == 0, $"In {table}, but no route: {string.Join(", ", gone)}");
    }
}
