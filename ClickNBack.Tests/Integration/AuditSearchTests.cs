using ClickNBack.Api.Audit;
using ClickNBack.Tests.Infrastructure;
using CsvHelper;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Integration;

/// <summary>The audit log is searched page by page, and handed out as a file that does nothing but be read.</summary>
public sealed class AuditSearchTests(Platform platform) : IClassFixture<Platform>
{
    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_overlap_even_within_an_instant()
    {
        var resource = await RecordAsync(7, it => $"{{\"number\": {it}}}");
        var filter = new AuditFilter { ResourceId = resource };

        var pages = new List<string?>();
        AuditPlace? after = null;
        List<AuditLog> page;
        do
        {
            page = await FindAsync(filter, after, 3);
            pages.AddRange(page.Select(it => it.Details));
            after = page is [.., var last] ? AuditPlace.Of(last) : null;
        } while (page.Count == 3);

        Assert.Equal(7, pages.Distinct().Count());
        Assert.Equal(7, pages.Count);
    }

    [Fact]
    public async Task It_is_searched_by_action_actor_target_and_day()
    {
        var resource = await RecordAsync(1, _ => null);
        var today = Person.Today;
        AuditFilter[] matching =
        [
            new() { ResourceId = resource },
            new() { ResourceId = resource, Action = "TESTED" },
            new() { ResourceId = resource, ActorId = platform.Admin.Id },
            new()
            {
                ResourceId = resource,
                From = today,
                To = today.AddDays(1),
            },
        ];
        AuditFilter[] other =
        [
            new() { ResourceId = resource, Action = "ELSE" },
            new() { ResourceId = resource, ActorId = resource },
            new() { ResourceId = resource, From = today.AddDays(2) },
            new() { ResourceId = resource, To = today.AddDays(-2) },
        ];

        foreach (var filter in matching)
        {
            Assert.Single(await FindAsync(filter, null, 10));
        }

        foreach (var filter in other)
        {
            Assert.Empty(await FindAsync(filter, null, 10));
        }
    }

    [Fact]
    public async Task All_of_a_large_result_is_exported_in_parts()
    {
        var resource = await RecordAsync(4001, it => $"{{\"number\": {it}}}");

        var records = await ExportAsync(new AuditFilter { ResourceId = resource });

        Assert.Equal(4002, records.Count);
        Assert.Equal(4001, records.Skip(1).Select(it => it[7]).Distinct().Count());
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "'\r=1")]
    [InlineData("a,\"b\"\r\nc", "a,\"b\"\r\nc")]
    public async Task No_spreadsheet_executes_what_somebody_wrote(string written, string read)
    {
        using var file = new MemoryStream();
        await AuditCsv.WriteAsync(file, Rows(), CancellationToken.None);

        Assert.Equal([0xEF, 0xBB, 0xBF], file.ToArray()[..3]);
        Assert.Equal(read, Read(file.ToArray())[1][4]);

        async IAsyncEnumerable<AuditLog> Rows()
        {
            await Task.CompletedTask;
            yield return new AuditLog
            {
                Id = Guid.CreateVersion7(),
                OccurredAt = DateTimeOffset.UnixEpoch,
                ActorType = ActorType.System,
                Action = "TESTED",
                ResourceType = written,
                ResourceId = Guid.CreateVersion7(),
            };
        }
    }

    private async Task<List<string[]>> ExportAsync(AuditFilter filter)
    {
        await using var scope = platform.Server.Services.CreateAsyncScope();
        using var file = new MemoryStream();
        var search = scope.ServiceProvider.GetRequiredService<AuditSearch>();
        await AuditCsv.WriteAsync(file, search.AllAsync(filter, CancellationToken.None), CancellationToken.None);
        return Read(file.ToArray());
    }

    private static List<string[]> Read(byte[] file)
    {
        using var reader = CsvReader.Create(new MemoryStream(file), new CsvReaderOptions { HasHeader = false });
        var records = new List<string[]>();
        while (reader.Read())
        {
            records.Add([.. Enumerable.Range(0, reader.FieldCount).Select(it => reader.GetString(it))]);
        }

        return records;
    }

    private async Task<List<AuditLog>> FindAsync(AuditFilter filter, AuditPlace? after, int limit)
    {
        await using var scope = platform.Server.Services.CreateAsyncScope();
        return await scope
            .ServiceProvider.GetRequiredService<AuditSearch>()
            .FindAsync(filter, after, limit, CancellationToken.None);
    }

    // All at one instant.
    private async Task<Guid> RecordAsync(int count, Func<int, string?> details)
    {
        var resource = Guid.CreateVersion7();
        await platform.Database.ExecuteAsync(
            """
            INSERT INTO audit_logs (id, occurred_at, actor_type, actor_id, action, resource_type, resource_id, outcome, details)
            SELECT gen_random_uuid(), now(), 'admin', $2, 'TESTED', 'thing', $1, 'success', text::jsonb
            FROM unnest($3) AS text
            """,
            resource,
            platform.Admin.Id,
            Enumerable.Range(0, count).Select(details).ToArray()
        );
        return resource;
    }
}
