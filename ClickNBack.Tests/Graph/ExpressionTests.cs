#if !ASPIRE
using ClickNBack.AppHost.Standalone;

namespace ClickNBack.Tests.Graph;

public class ExpressionTests
{
    private static readonly Manifest Model = Manifest.Parse(
        """
        {"resources":{
          "key":{"type":"parameter.v0","value":"{key.inputs.value}","inputs":{"value":{"type":"string","secret":true}}},
          "server":{"type":"container.v0","image":"x","connectionString":"Host={server.bindings.tcp.host};Port={server.bindings.tcp.port};Key={key.value}",
            "bindings":{"tcp":{"scheme":"tcp","protocol":"tcp","transport":"tcp","targetPort":5432}}},
          "database":{"type":"value.v0","connectionString":"{server.connectionString};Database=shop"},
          "snake":{"type":"value.v0","connectionString":"{tail.connectionString}"},
          "tail":{"type":"value.v0","connectionString":"{snake.connectionString}"}}}
        """
    );

    private readonly Resolver resolver = new(
        Model,
        _ => "s{cr}t",
        _ => null,
        (name, binding) => (name, binding) == ("server", "tcp") ? new("tcp", 15432, 5432) : null
    );

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("{{not.a.reference}}", "{not.a.reference}")]
    [InlineData("{{{key.value}}}", "{s{cr}t}")]
    [InlineData("{key.inputs.value}", "s{cr}t")]
    [InlineData("{database.connectionString}", "Host=127.0.0.1;Port=15432;Key=s{cr}t;Database=shop")]
    [InlineData("{server.bindings.tcp.url} {server.bindings.tcp.targetPort}", "tcp://127.0.0.1:15432 5432")]
    public void It_has_a_value(string text, string expected) => Assert.Equal(expected, resolver.Resolve("me", text));

    [Theory]
    [InlineData("{nobody.value}")]
    [InlineData("{key.connectionString}")]
    [InlineData("{key.inputs.other}")]
    [InlineData("{server.bindings.udp.port}")]
    [InlineData("{server.bindings.tcp.colour}")]
    [InlineData("{}")]
    public void An_unknown_reference_is_a_clear_error(string text)
    {
        var problem = Assert.Throws<SetupException>(() => resolver.Resolve("me", text));

        Assert.Contains("\"me\"", problem.Message);
        Assert.Contains(text, problem.Message);
    }

    [Fact]
    public void A_reference_that_leads_back_to_itself_is_a_clear_error()
    {
        var problem = Assert.Throws<SetupException>(() => resolver.Resolve("me", "{snake.connectionString}"));

        Assert.Contains(
            "{snake.connectionString} -> {tail.connectionString} -> {snake.connectionString}",
            problem.Message
        );
    }

    [Theory]
    [InlineData("a { b")]
    [InlineData("a } b")]
    public void A_single_brace_is_a_clear_error(string text) =>
        Assert.Contains(text, Assert.Throws<SetupException>(() => resolver.Resolve("me", text)).Message);
}
#endif
