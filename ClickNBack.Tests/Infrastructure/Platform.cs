namespace ClickNBack.Tests.Infrastructure;

/// <summary>What most test classes need: a database of their own, an API without the verification job, an administrator.</summary>
public sealed class Platform : IAsyncLifetime
{
    public TestDatabase Database { get; private set; } = null!;

    public ApiServer Server { get; private set; } = null!;

    public Person Admin { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Database = await TestDatabase.CreateAsync();
        Server = await ApiServer.StartAsync(Database);
        Admin = await Server.AdminAsync();
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await Database.DisposeAsync();
    }
}
