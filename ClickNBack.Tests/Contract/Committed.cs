namespace ClickNBack.Tests.Contract;

/// <summary>Files that are generated and committed.</summary>
internal static class Committed
{
    /// <summary>Fails if the committed file differs; writes it instead if CLICKNBACK_WRITE is true.</summary>
    public static async Task IsAsync(string path, string generated)
    {
        var file = Path.Combine(Root, path);
        if (Environment.GetEnvironmentVariable("CLICKNBACK_WRITE") == "true")
        {
            await File.WriteAllTextAsync(file, generated);
        }

        var committed = File.Exists(file) ? (await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n") : "";
        Assert.True(committed == generated, $"{path} is out of date: run `make openapi` and commit it.");
    }

    /// <summary>The text of a committed file.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The repository's folder.</summary>
    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "ClickNBack.sln")))
            {
                folder = folder.Parent ?? throw new InvalidOperationException("The repository's root was not found.");
            }

            return folder.FullName;
        }
    }
}
