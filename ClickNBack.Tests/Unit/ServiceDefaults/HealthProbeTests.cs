using System.Net;
using System.Net.Sockets;
using ClickNBack.Api;
using ClickNBack.ServiceDefaults;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

public sealed class HealthProbeTests
{
    [Theory]
    [InlineData(200, 0)]
    [InlineData(503, 1)]
    [InlineData(302, 1)]
    public async Task Only_a_success_is_healthy(int status, int expected)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var answering = AnswerOnceAsync(server, status);

        var (exitCode, output) = await RunAsync(
            typeof(ClickNBackApi),
            "healthcheck",
            $"http://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}/ready"
        );

        Assert.Equal("GET /ready HTTP/1.1", await answering);
        Assert.Equal(expected, exitCode);
        Assert.Equal(expected == 0, output.Length == 0);
    }

    [Fact]
    public async Task Nobody_there_is_unhealthy_and_one_line()
    {
        await using var errors = new StringWriter();

        Assert.Equal(1, await HealthProbe.RunAsync(["http://127.0.0.1:1/ready"], errors));
        Assert.StartsWith("http://127.0.0.1:1/ready does not answer: ", errors.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no address")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://localhost", "http://localhost")]
    public async Task What_is_no_web_address_is_a_usage_error(params string[] arguments)
    {
        await using var errors = new StringWriter();

        Assert.Equal(64, await HealthProbe.RunAsync(arguments, errors));
        Assert.Contains("Usage", errors.ToString());
    }

    private static async Task<string?> AnswerOnceAsync(TcpListener server, int status)
    {
        using var client = await server.AcceptTcpClientAsync();
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        var request = await reader.ReadLineAsync();
        var answer = $"HTTP/1.1 {status} Any\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer));
        return request;
    }

    private static Task<(int ExitCode, string Output)> RunAsync(Type program, params string[] arguments) =>
        ChildProcess.RunAsync(program.Assembly, arguments);
}
