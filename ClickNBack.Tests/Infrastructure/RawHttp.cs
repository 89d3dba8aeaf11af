using System.Net.Sockets;
using System.Text;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>Sends what no HTTP client would send.</summary>
internal static class RawHttp
{
    /// <summary>Sends the text, a byte a character, and reads until the error envelope, or the connection, ends.</summary>
    public static async Task<string> SendAsync(Uri address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        var answer = new StringBuilder();
        var buffer = new byte[8192];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        do
        {
            var read = await stream.ReadAsync(buffer, patience.Token);
            if (read == 0)
            {
                break;
            }

            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        } while (!answer.ToString().TrimEnd('\r', '\n', '0').EndsWith("}}", StringComparison.Ordinal));
        return answer.ToString();
    }
}
