using System.Text.Json;

namespace ClickNBack.AppHost.Standalone;

/// <summary>
/// The processes of this clone, on disk: a runner that is killed cannot end them, so the next one does.
/// </summary>
internal sealed class Leftovers(string stateDirectory)
{
    private readonly string file = Path.Combine(stateDirectory, "children.json");
    private readonly Lock gate = new();

    private sealed record Child(string Name, int Id, string Identity);

    /// <summary>Remembers a process until it has ended.</summary>
    public void Track(string name, LocalProcess process)
    {
        if (process.Identity is not { } identity)
        {
            return;
        }

        var child = new Child(name, process.Id, identity);
        Update(children => children.Add(child));
        _ = process.Exit.ContinueWith(_ => Update(children => children.Remove(child)), TaskScheduler.Default);
    }

    /// <summary>Ends what is still there of an earlier run, and gives the names; a number that another process has got by now is left alone.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        List<Child> children;
        lock (gate)
        {
            children = Read();
        }

        children.Reverse(); // as in an orderly stop: first what uses the servers

        var ended = new List<string>();
        foreach (var child in children.Where(each => LocalProcess.IdentityOf(each.Id) == each.Identity))
        {
            await EndAsync(child);
            ended.Add(child.Name);
        }

        Update(all => all.RemoveAll(children.Contains));
        return ended;
    }

    private static async Task EndAsync(Child child)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(child.Id);
            if (!OperatingSystem.IsWindows())
            {
                UnixSignals.Send(child.Id, UnixSignal.Terminate);
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
                await WaitAsync(process, patience.Token);
                UnixSignals.SendToGroup(child.Id, UnixSignal.Kill);
            }

            process.Kill(entireProcessTree: true);
            using var end = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await WaitAsync(process, end.Token);
        }
        catch (Exception problem)
            when (problem
                    is ArgumentException
                        or InvalidOperationException
                        or System.ComponentModel.Win32Exception
                        or AggregateException
            )
        {
            // It has ended meanwhile.
        }
    }

    private static async Task WaitAsync(System.Diagnostics.Process process, CancellationToken patience)
    {
        try
        {
            await process.WaitForExitAsync(patience);
        }
        catch (OperationCanceledException)
        {
            // The caller goes on with stronger means.
        }
    }

    private void Update(Action<List<Child>> change)
    {
        lock (gate)
        {
            if (!Directory.Exists(stateDirectory))
            {
                return; // reset
            }

            var children = Read();
            change(children);
            var temporary = file + ".new";
            File.WriteAllText(temporary, JsonSerializer.Serialize(children));
            File.Move(temporary, file, overwrite: true);
        }
    }

    private List<Child> Read()
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<List<Child>>(File.ReadAllText(file)) ?? [] : [];
        }
        catch (JsonException)
        {
            return []; // the machine went down while it was written
        }
    }
}
