using System.Net.Sockets;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>An sshd on loopback that knows one key: the restricted one that the operator's guide describes.</summary>
internal sealed class SshServer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/sshd";

    private readonly Server _server;
    private readonly string _folder = Directory.CreateTempSubdirectory("clicknback-ssh-").FullName;
    private readonly int _port = Server.FreePort();
    private Operation? _sshd;

    private SshServer(Server server) => _server = server;

    private static string Host => $"{Environment.UserName}@127.0.0.1";

    /// <param name="server">Whose <c>clicknback</c> the key may run.</param>
    /// <param name="name">What the history is to call who has the key.</param>
    public static async Task<SshServer> StartAsync(Server server, string name)
    {
        Assert.True(System.IO.File.Exists(Program), $"The rehearsal needs {Program}: apt-get install openssh-server");
        var ssh = new SshServer(server);
        try
        {
            await ssh.ConfigureAsync(name);
            Directory.CreateDirectory("/run/sshd"); // where it gives up its rights
            ssh._sshd = Operation.Start(ssh._folder, Program, ["-D", "-e", "-f", ssh.File("sshd_config")]);
            await Until.TrueAsync(ssh.Answers, "sshd listens");
            return ssh;
        }
        catch
        {
            await ssh.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a command line as a pipeline does, and returns when it has ended.</summary>
    public Task<Ended> SendAsync(string command) =>
        _server.RunAsync(
            "ssh",
            "-F",
            "none",
            "-p",
            $"{_port}",
            "-i",
            File("key"),
            "-o",
            "BatchMode=yes",
            "-o",
            "StrictHostKeyChecking=yes",
            "-o",
            $"UserKnownHostsFile={File("known_hosts")}",
            Host,
            command
        );

    public async ValueTask DisposeAsync()
    {
        if (_sshd is not null)
        {
            await _sshd.KillAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task ConfigureAsync(string name)
    {
        foreach (var key in (string[])["key", "host_key"])
        {
            await _server.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", File(key)).ExpectAsync(0);
        }

        // Where Compose is no part of the system, the engine's client must be told where it is.
        var plugins = Environment.GetEnvironmentVariable("DOCKER_CONFIG");
        var environment = plugins is null ? "" : $"environment=\"DOCKER_CONFIG={plugins}\",";
        var clicknback = Path.Combine(_server.Folder, "clicknback");
        await System.IO.File.WriteAllTextAsync(
            File("authorized_keys"),
            $"command=\"{clicknback} ssh {name}\",{environment}restrict {await PublicAsync("key")}"
        );
        await System.IO.File.WriteAllTextAsync(
            File("known_hosts"),
            $"[127.0.0.1]:{_port} {await PublicAsync("host_key")}"
        );
        await System.IO.File.WriteAllTextAsync(
            File("sshd_config"),
            $"""
            ListenAddress 127.0.0.1:{_port}
            HostKey {File("host_key")}
            AuthorizedKeysFile {File("authorized_keys")}
            PasswordAuthentication no
            PermitRootLogin forced-commands-only
            PermitUserEnvironment DOCKER_CONFIG
            PidFile none
            StrictModes no
            UsePAM yes
            """
        );
    }

    private bool Answers()
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Task<string> PublicAsync(string key) => System.IO.File.ReadAllTextAsync(File($"{key}.pub"));

    private string File(string name) => Path.Combine(_folder, name);
}
