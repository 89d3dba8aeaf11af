using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Graph;

/// <summary>A test of what runs in containers: skipped where no container engine answers.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithContainersAttribute : FactAttribute
{
    private static readonly Lazy<bool> Here = new(() => Task.Run(ContainerEngine.FindAsync).Result is not null);

    public FactWithContainersAttribute() => Skip = Here.Value ? null : "Neither Docker nor Podman answers.";
}

/// <summary>A test of PostgreSQL run from this machine's programs: skipped where there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithPostgresProgramsAttribute : FactAttribute
{
    private static readonly Lazy<bool> Here = new(() =>
        Task.Run(() => PostgresBinaries.FindAsync()).Result is not null
    );

    public FactWithPostgresProgramsAttribute() =>
        Skip = Here.Value ? null : $"No PostgreSQL {PostgresBinaries.OldestMajor} or newer is installed.";
}
