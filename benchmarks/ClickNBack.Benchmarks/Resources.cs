namespace ClickNBack.Benchmarks;

/// <summary>Files that are part of this program.</summary>
internal static class Resources
{
    public static async Task<string> TextAsync(string name)
    {
        await using var file = typeof(Resources).Assembly.GetManifestResourceStream(name)!;
        using var text = new StreamReader(file);
        return await text.ReadToEndAsync();
    }
}
