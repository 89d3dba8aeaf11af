using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ClickNBack.Tests.Graph;

/// <summary>Runs the requests of a .http file in their order, as an editor does: with variables and named answers.</summary>
internal sealed partial class HttpFile
{
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _answers = new(StringComparer.Ordinal);
    private readonly List<string[]> _requests;

    private HttpFile(string text) =>
        _requests = [.. Separator().Split(text.ReplaceLineEndings("\n")).Select(block => block.Split('\n'))];

    /// <summary>Runs all requests of the file against a server; fails at the first answer that is no success.</summary>
    /// <returns>How many requests were made.</returns>
    public static async Task<int> RunAsync(string path, HttpClient http)
    {
        var file = new HttpFile(await File.ReadAllTextAsync(path));
        var count = 0;
        foreach (var lines in file._requests)
        {
            count += await file.RunAsync(lines, http) ? 1 : 0;
        }

        return count;
    }

    private async Task<bool> RunAsync(string[] lines, HttpClient http)
    {
        string? name = null;
        var position = 0;
        for (; position < lines.Length; position++)
        {
            var line = lines[position];
            if (Name().Match(line) is { Success: true } named)
            {
                name = named.Groups["name"].Value;
            }
            else if (Variable().Match(line) is { Success: true } variable)
            {
                _variables[variable.Groups["name"].Value] = Fill(variable.Groups["value"].Value);
            }
            else if (RequestLine().IsMatch(line))
            {
                break;
            }
        }

        if (position == lines.Length)
        {
            return false; // what stands before the first request
        }

        var blank = Array.FindIndex(lines, position, string.IsNullOrWhiteSpace);
        var head = lines[(position + 1)..(blank < 0 ? lines.Length : blank)];
        var body = blank < 0 ? "" : Fill(string.Join('\n', lines[blank..]).Trim());
        var (method, url) = (lines[position].Split(' ')[0], Fill(lines[position].Split(' ', 2)[1].Trim()));
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
        }

        foreach (var header in head.Select(Fill).Select(it => it.Split(": ", 2)))
        {
            if (header[0] == "Content-Type")
            {
                request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(header[1]);
            }
            else
            {
                request.Headers.Add(header[0], header[1]);
            }
        }

        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {url}: {(int)response.StatusCode} {text}");
        if (name is not null)
        {
            _answers[name] = JsonDocument.Parse(text).RootElement;
        }

        return true;
    }

    private string Fill(string text) =>
        Placeholder()
            .Replace(
                text,
                match =>
                    match.Groups["what"].Value switch
                    {
                        "$guid" => Guid.CreateVersion7().ToString(),
                        var what when AnswerField().Match(what) is { Success: true } field => _answers[
                            field.Groups["name"].Value
                        ]
                            .GetProperty(field.Groups["field"].Value)
                            .ToString(),
                        var what => _variables[what],
                    }
            );

    [GeneratedRegex("^###.*$", RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Separator();

    [GeneratedRegex(@"^# @name (?<name>\w+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@"^@(?<name>\w+) *= *(?<value>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();

    [GeneratedRegex("^(GET|POST|PUT|PATCH|DELETE) ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"\{\{(?<what>[^}]+)\}\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^(?<name>\w+)\.response\.body\.\$\.(?<field>\w+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AnswerField();
}
