using System.Reflection;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.Metadata;
using Npgsql;

namespace ClickNBack.Api.Auth;

/// <summary>
/// What a route asks the database, sent together with the question whether the caller's account is active: one round trip. For
/// routes that are called all the time. A handler takes it instead of <see cref="Caller"/>, and authentication then
/// leaves the account to it; <see cref="CallerFilter"/> sees to it that nobody gets an answer whose account was not looked at.
/// See docs/adr/0011.
/// </summary>
internal sealed class CallerQuery(HttpContext http, Guid userId) : IEndpointParameterMetadataProvider
{
    private const string FindAccount = "SELECT active, role FROM users WHERE id = $1";

    private readonly NpgsqlDataSource _database = http.RequestServices.GetRequiredService<NpgsqlDataSource>();
    private Caller? _account;

    /// <summary>Marks a route whose handler asks for the account itself.</summary>
    /// <param name="Parameter">By this parameter.</param>
    internal sealed record Metadata(string? Parameter);

    /// <summary>Whose valid access token it is.</summary>
    public Guid UserId => userId;

    /// <summary>Whether the account was looked at.</summary>
    public bool IsAsked { get; private set; }

    /// <summary>The account as it was found by <see cref="ReadAsync{T}(Action{NpgsqlBatch},Func{NpgsqlDataReader,Task{T}},CancellationToken)"/>: active.</summary>
    public Caller Account => _account ?? throw new InvalidOperationException("Nobody has asked for the account.");

    /// <summary>Called by the framework; only on routes that require authentication.</summary>
    public static ValueTask<CallerQuery?> BindAsync(HttpContext http) =>
        ValueTask.FromResult(
            http.Features.Get<TokenHolder>() is { } holder ? new CallerQuery(http, holder.UserId) : null
        );

    /// <summary>Called by the framework.</summary>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new Metadata(parameter.Name));

    /// <summary>Asks for the account and for what is added to the batch; answers what is read, or why there is no answer.</summary>
    /// <param name="ask">Adds the route's own statements.</param>
    /// <param name="read">Reads their results.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<(T? Found, ApiError? Refusal)> ReadAsync<T>(
        Action<NpgsqlBatch> ask,
        Func<NpgsqlDataReader, Task<T>> read,
        CancellationToken cancel
    ) => ReadAsync(_database.CreateBatch(), ask, read, cancel);

    /// <summary>The same on a connection or in a transaction of one's own, in whose batch nothing is yet.</summary>
    public async Task<(T? Found, ApiError? Refusal)> ReadAsync<T>(
        NpgsqlBatch batch,
        Action<NpgsqlBatch> ask,
        Func<NpgsqlDataReader, Task<T>> read,
        CancellationToken cancel
    )
    {
        await using var owned = batch;
        batch.Add(FindAccount, it => it.AddValue(userId));
        ask(batch);
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var (_, refusal) = await ReadAccountAsync(reader, cancel);
        if (refusal is not null)
        {
            http.Response.Headers.WWWAuthenticate = BearerAuthentication.SchemeName;
            return (default, refusal);
        }

        await reader.NextResultAsync(cancel);
        return (await read(reader), null);
    }

    /// <summary>Asks for the account alone.</summary>
    public async Task<(Caller? Caller, ApiError? Refusal)> ReadAccountAsync(CancellationToken cancel)
    {
        await using var command = _database.CreateCommand(FindAccount);
        command.Parameters.AddValue(userId);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await ReadAccountAsync(reader, cancel);
    }

    private async Task<(Caller? Caller, ApiError? Refusal)> ReadAccountAsync(
        NpgsqlDataReader row,
        CancellationToken cancel
    )
    {
        IsAsked = true;
        if (!await row.ReadAsync(cancel))
        {
            return (null, AuthErrors.InvalidToken.With(AuthErrors.TokenRequired));
        }

        if (!row.GetBoolean(0))
        {
            return (null, AuthErrors.UserInactive.With(userId));
        }

        _account = new Caller(userId, row.GetChoice<Role>(1));
        return (_account, null);
    }
}

/// <summary>
/// Looks at the account where the handler has not, because the request was refused before it came to that: an account that is
/// switched off is not even told what is wrong with its request.
/// </summary>
internal sealed class CallerFilter(NpgsqlDataSource database) : IEndpointFilter
{
    /// <inheritdoc/>
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var answer = await next(context);
        foreach (var argument in context.Arguments)
        {
            if (argument is CallerQuery { IsAsked: false } query)
            {
                var (_, refusal) = await database.ReadAsync(() =>
                    query.ReadAsync(
                        static _ => { },
                        static _ => Task.FromResult(true),
                        context.HttpContext.RequestAborted
                    )
                );
                return refusal ?? answer;
            }
        }

        return answer;
    }
}
