using ClickNBack.Api.Http;
using Microsoft.AspNetCore.Antiforgery;

namespace ClickNBack.Api.Console;

/// <summary>
/// The form of a POST, read into the same records and by the same rules as the API's bodies. Its handler always runs: what is wrong
/// it shows beside the fields.
/// </summary>
internal sealed class Form<T>(T value, IFormCollection texts, List<Violation> violations)
    where T : class
{
    /// <summary>What was read; meaningless if there are violations.</summary>
    public T Value => value;

    /// <summary>Every wrong field.</summary>
    public IReadOnlyList<Violation> Violations => violations;

    /// <summary>A field as it was written, to be shown again; empty if there is none.</summary>
    public string Text(string field) => texts[field].ToString();

    /// <summary>A file of the form, or null.</summary>
    public IFormFile? File(string field) => texts.Files[field];

    /// <summary>As a use case of the API takes it.</summary>
    public Body<T> AsBody() => new(value, ReadOnlyMemory<byte>.Empty, error: null);

    /// <summary>Called by the framework.</summary>
    public static async ValueTask<Form<T>> BindAsync(HttpContext http)
    {
        // Without a valid token, which is part of the form, nothing is read: the filter refuses.
        var texts =
            FormFilter.HasToken(http) && http.Request.HasFormContentType
                ? await http.Request.ReadFormAsync(http.RequestAborted)
                : FormCollection.Empty;
        var violations = new List<Violation>();
        return new((T)RequestBinder.ReadForm(typeof(T), texts, violations), texts, violations);
    }
}

/// <summary>What a list is searched for, from the query string: read like a form, so that what is left empty is not looked for.</summary>
internal sealed class Search<T>(T value, IQueryCollection texts, List<Violation> violations)
    where T : class
{
    /// <summary>What was read; meaningless if there are violations.</summary>
    public T Value => value;

    /// <summary>Every wrong field.</summary>
    public IReadOnlyList<Violation> Violations => violations;

    /// <summary>A field as it was written.</summary>
    public string Text(string field) => texts[field].ToString();

    /// <summary>Called by the framework.</summary>
    public static ValueTask<Search<T>> BindAsync(HttpContext http)
    {
        var texts = http.Request.Query;
        var violations = new List<Violation>();
        var form = new FormCollection(texts.ToDictionary(StringComparer.OrdinalIgnoreCase));
        return ValueTask.FromResult(
            new Search<T>((T)RequestBinder.ReadForm(typeof(T), form, violations), texts, violations)
        );
    }
}

/// <summary>Refuses a POST that does not come from a form of the console, or from one of another session.</summary>
internal sealed class FormFilter : IEndpointFilter
{
    /// <summary>Whether the request carries the antiforgery token of this browser and account.</summary>
    public static bool HasToken(HttpContext http) =>
        http.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: true };

    /// <inheritdoc/>
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        HttpMethods.IsPost(context.HttpContext.Request.Method) && !HasToken(context.HttpContext)
            ? ValueTask.FromResult<object?>(
                HttpErrors.BadRequest.With(
                    "This form was opened before you signed in, or too long ago. Nothing was changed: open the page again and repeat."
                )
            )
            : next(context);
}
