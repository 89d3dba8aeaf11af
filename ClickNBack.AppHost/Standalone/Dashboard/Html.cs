using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace ClickNBack.AppHost.Standalone.Dashboard;

/// <summary>HTML. The only way to it is an interpolated string, and that encodes every value that is not HTML itself.</summary>
internal readonly record struct Html(string Text)
{
    public static readonly Html None = new("");

    public static Html Of(HtmlHandler handler) => new(handler.ToString());

    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts.Select(part => part.Text)));

    public override string ToString() => Text;
}

/// <summary>Encodes what is put into the holes of an interpolated string.</summary>
[InterpolatedStringHandler]
internal readonly ref struct HtmlHandler(int literalLength, int formattedCount)
{
    private readonly StringBuilder text = new(literalLength + formattedCount * 16);

    public void AppendLiteral(string literal) => text.Append(literal);

    public void AppendFormatted(Html html) => text.Append(html.Text);

    public void AppendFormatted(object? value) =>
        text.Append(
            HtmlEncoder.Default.Encode(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "")
        );

    public override string ToString() => text.ToString();
}
