using Npgsql;

namespace ClickNBack.Api.Persistence;

/// <summary>A GET whose connection was cut is carried out once more: it has changed nothing.</summary>
internal sealed class RepeatedReads(NpgsqlDataSource database) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        HttpMethods.IsGet(context.HttpContext.Request.Method)
            ? await database.ReadAsync(() => next(context).AsTask())
            : await next(context);
}
