using ClickNBack.AppHost.LocalPostgres;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>Where the servers of the tests keep their data; who uses one removes it.</summary>
internal static class TemporaryFolders
{
    private const string Prefix = "clicknback-tests-";

    /// <summary>A folder for one server; those that killed runs have left behind are removed.</summary>
    public static string Create()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                PostgresCluster.Remove(folder);
            }
            catch (Exception problem)
                when (problem is DistributedApplicationException or IOException or UnauthorizedAccessException)
            {
                // In use, or another user's.
            }
        }

        return Path.Combine(Path.GetTempPath(), Prefix + Path.GetRandomFileName());
    }
}
