using System.Net;
using System.Text;
using ClickNBack.Api.Http;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClickNBack.Tests.Browser;

/// <summary>Merchants' reports as files in the browser: uploaded, looked at, corrected, taken in.</summary>
public sealed class ReportPageTests(ConsolePlatform platform) : IClassFixture<ConsolePlatform>
{
    private const string Columns = "order_reference;amount;currency;status;reported_at;reason\r\n";

    [FactWith(Requirement.Chromium)]
    public async Task A_file_is_corrected_and_then_taken_in()
    {
        var shop = await platform.Admin.OpenShopAsync();
        var user = await platform.Server.UserAsync();
        var (claimed, unclaimed) = (Unique.Text(), Unique.Text());
        var purchase = await user.BuyAsync(shop, 1234.5m, claimed);
        var right =
            $"{claimed};1234,50;EUR;approved;2026-11-20T10:00:00Z;{Hostile.Text.Replace("\"", "", StringComparison.Ordinal)}\r\n";
        await using var window = await platform.SignedInAsync();

        await UploadAsync(
            window,
            shop.Merchant,
            Columns + right + $"{unclaimed};12.34;EURO;perhaps;2026-11-20T10:00:00Z;\r\n"
        );
        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("1 line is wrong");
        await Expect(window.Page.GetByText("Take in…")).ToHaveCountAsync(0);
        foreach (var column in (string[])["amount", "currency", "status"])
        {
            await Expect(window.Page.Locator("code").Filter(new() { HasText = column })).ToHaveCountAsync(1);
        }

        await window.IsWellMadeAsync();

        await UploadAsync(
            window,
            shop.Merchant,
            Columns + right + $"{unclaimed};5,00;EUR;approved;2026-11-20T10:00:00Z;\r\n"
        );
        await Expect(window.Page.GetByText("1,239.50 EUR")).ToBeVisibleAsync();
        await window.IsWellMadeAsync();
        Assert.Equal("pending", await user.StatusOfAsync(purchase)); // nothing of it counts yet
        await window.ActAsync("Take in");
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("taken in");
        await Expect(window.Page.GetByText("Take in…")).ToHaveCountAsync(0);
        await window.IsWellMadeAsync();

        await window.GoToAsync("/console/reports/files");
        await Expect(window.Page.Locator("tbody tr")).ToHaveCountAsync(2);
        await window.IsWellMadeAsync();
        await window.GoToAsync("/console/reports");
        await Expect(window.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await window.IsWellMadeAsync();
        await window.GoToAsync($"/console/purchases/{purchase}");
        await Expect(window.Page.GetByText("1,234.50", new() { Exact = false }).First).ToBeVisibleAsync();
        await window.IsWellMadeAsync();
    }

    [FactWith(Requirement.Chromium)]
    public async Task What_is_no_file_of_a_merchant_is_said_beside_the_field()
    {
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync("/console/reports/files/new");
        await window.IsWellMadeAsync();
        await FillAsync(window, "Nobody\u2019s", "order_reference\r\n");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Upload" }).ClickAsync();

        await Expect(window.Page.GetByText("is no merchant's name")).ToBeVisibleAsync();
        await Expect(window.Page.GetByLabel("Merchant")).ToHaveValueAsync("Nobody\u2019s");
        await window.IsWellMadeAsync();
        await window.GoToAsync("/console/reports/unclaimed");
        await window.IsWellMadeAsync();
        await window.GoToAsync($"/console/reports/files/{Guid.CreateVersion7()}", HttpStatusCode.NotFound);
    }

    [FactWith(Requirement.Chromium)]
    public async Task One_file_comes_in_at_a_time_a_few_wait_and_more_are_refused()
    {
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync("/console/reports/files/new");
        var cookies = string.Join("; ", (await window.Context.CookiesAsync()).Select(it => $"{it.Name}={it.Value}"));
        var token = await window.TokenAsync();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var http = new HttpClient(
            new SocketsHttpHandler { UseCookies = false, Expect100ContinueTimeout = Timeout.InfiniteTimeSpan }
        );

        var uploads = Enumerable.Range(0, 1 + RateLimits.MostWaitingUploads + 1).Select(_ => UploadAsync()).ToList();

        var first = await Task.WhenAny(uploads).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.TooManyRequests, await first);
        uploads.Remove(first);
        Assert.DoesNotContain(uploads, it => it.IsCompleted);
        done.SetResult();
        Assert.All(await Task.WhenAll(uploads), status => Assert.Equal(HttpStatusCode.UnprocessableEntity, status));

        async Task<HttpStatusCode> UploadAsync()
        {
            using var form = new MultipartFormDataContent
            {
                { new StringContent(token), "__RequestVerificationToken" },
                { new StringContent("Nobody's"), "merchant" },
                { new UnfinishedContent(done.Task), "file", "november.csv" },
            };
            using var request = new HttpRequestMessage(
                HttpMethod.Post,
                $"{platform.Server.Address}console/reports/files"
            );
            request.Headers.Add("Cookie", cookies);
            request.Headers.ExpectContinue = true; // the file is sent when the server begins to read it
            request.Content = form;
            using var answer = await http.SendAsync(request);
            return answer.StatusCode;
        }
    }

    // A file that begins, and goes on when it is told to.
    private sealed class UnfinishedContent(Task until) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("order_reference"u8.ToArray());
            await stream.FlushAsync();
            await until;
            await stream.WriteAsync(";amount\r\n"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private async Task UploadAsync(BrowserWindow window, Guid merchant, string csv)
    {
        await window.GoToAsync("/console/reports/files/new");
        await FillAsync(
            window,
            await platform.Database.ScalarAsync<string>($"SELECT name FROM merchants WHERE id = '{merchant}'"),
            csv
        );
        await window.Page.GetByLabel("Its columns are separated by").SelectOptionAsync("Semicolon");
        await window.Page.GetByLabel("Its amounts have a decimal").SelectOptionAsync("Comma");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Upload" }).ClickAsync();
        await Expect(window.Heading).ToHaveTextAsync("november.csv");
    }

    private static async Task FillAsync(BrowserWindow window, string merchant, string csv)
    {
        await window.Page.GetByLabel("Merchant").FillAsync(merchant);
        await window
            .Page.GetByLabel("File", new() { Exact = true })
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = "november.csv",
                    MimeType = "text/csv",
                    Buffer = Encoding.UTF8.GetBytes(csv),
                }
            );
    }
}
