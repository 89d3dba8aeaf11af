namespace ClickNBack.Tests.Browser;

/// <summary>Texts that would do something if a page took them for more than text.</summary>
internal static class Hostile
{
    /// <summary>In an e-mail's local part, which takes no blank and no bracket of either kind.</summary>
    public const string Email = "=x'&amp{{7*7}}`alert`$|";

    public const string Text = "</td><script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}";
}
