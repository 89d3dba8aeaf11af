using ClickNBack.Api.Http;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Console;

/// <summary>A page of the console. It shows what a handler has found out, and finds out nothing itself.</summary>
public abstract class Page : ComponentBase
{
    /// <summary>What is shown, of the type that the page expects.</summary>
    [Parameter, EditorRequired]
    public object Model { get; set; } = null!;

    /// <summary>The page as an answer.</summary>
    /// <param name="model">What is shown.</param>
    /// <param name="refused">Why what was asked for was not done, if so.</param>
    internal static RazorComponentResult Of<TPage>(object model, ErrorKind? refused = null)
        where TPage : Page =>
        new RazorComponentResult<TPage>(
            new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(Model)] = model }
        )
        {
            StatusCode = (int?)refused,
            PreventStreamingRendering = true,
        };
}

/// <summary>Answers of handlers.</summary>
internal static class PageResults
{
    /// <summary>After an action: says what became of it, and shows a page. Reloading that page repeats nothing.</summary>
    /// <param name="flash">What says it.</param>
    /// <param name="answer">What the use case answers.</param>
    /// <param name="done">What is said if it was done.</param>
    /// <param name="page">The page that is shown.</param>
    public static IResult Then(this Flash flash, INestedHttpResult answer, string done, string page)
    {
        if (answer.Result is ApiError error)
        {
            flash.Failed(error);
        }
        else
        {
            flash.Succeeded(done);
        }

        return TypedResults.LocalRedirect(page);
    }

    /// <summary>After an action that is no use case of the API: the same.</summary>
    /// <param name="flash">What says it.</param>
    /// <param name="refusal">Why it was not done, or null.</param>
    /// <param name="done">What is said if it was done.</param>
    /// <param name="page">The page that is shown.</param>
    public static IResult Then(this Flash flash, string? refusal, string done, string page)
    {
        if (refusal is null)
        {
            flash.Succeeded(done);
        }
        else
        {
            flash.Failed(refusal);
        }

        return TypedResults.LocalRedirect(page);
    }
}
