using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace ClickNBack.Benchmarks;

/// <summary>The requests that are measured.</summary>
internal enum RequestKind
{
    ActiveOffers,
    Wallet,
    Purchases,
    Ingestion,
}

/// <summary>One kind of request, of which there are as many as one likes, by many people.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Name">What it is called in the tables.</param>
/// <param name="Route">What is asked.</param>
/// <param name="Expected">The status of a good answer.</param>
/// <param name="Request">The request of this number.</param>
internal sealed record Workload(
    RequestKind Kind,
    string Name,
    string Route,
    HttpStatusCode Expected,
    Func<int, HttpRequestMessage> Request
)
{
    public static IReadOnlyList<Workload> All(BenchmarkEnvironment environment)
    {
        return
        [
            new(
                RequestKind.ActiveOffers,
                "active offers",
                "GET /api/v1/offers/active?limit=20",
                HttpStatusCode.OK,
                number => Get(number, "/api/v1/offers/active?limit=20")
            ),
            new(
                RequestKind.Wallet,
                "wallet",
                "GET /api/v1/users/me/wallet",
                HttpStatusCode.OK,
                number => Get(number, "/api/v1/users/me/wallet")
            ),
            new(
                RequestKind.Purchases,
                "my purchases",
                "GET /api/v1/users/me/purchases?limit=20",
                HttpStatusCode.OK,
                number => Get(number, "/api/v1/users/me/purchases?limit=20")
            ),
            new(RequestKind.Ingestion, "ingestion", "POST /api/v1/purchases/", HttpStatusCode.Created, Purchase),
        ];

        HttpRequestMessage Get(int number, string path) => Asked(number, new HttpRequestMessage(HttpMethod.Get, path));

        HttpRequestMessage Purchase(int number) =>
            Asked(
                number,
                new HttpRequestMessage(HttpMethod.Post, "/api/v1/purchases/")
                {
                    Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body(number)))
                    {
                        Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
                    },
                }
            );

        string Body(int number) =>
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"external_id":"{{Guid.CreateVersion7()}}","user_id":"{{environment.People[number % environment.People.Count].Id}}","merchant_id":"{{environment.Merchants[number % environment.Merchants.Count]}}","amount":{{10 + number % 90}}.50,"currency":"EUR"}"""
            );

        HttpRequestMessage Asked(int number, HttpRequestMessage request)
        {
            request.Headers.TryAddWithoutValidation(
                "Authorization",
                environment.People[number % environment.People.Count].Authorization
            );
            return request;
        }
    }
}
