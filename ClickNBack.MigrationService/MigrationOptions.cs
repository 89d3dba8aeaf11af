using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Users;
using ClickNBack.MigrationService.Seeding;
using ClickNBack.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ClickNBack.MigrationService;

/// <summary>Settings of section <c>Database</c>.</summary>
internal sealed record DatabaseOptions
{
    /// <summary>
    /// The role as which the API logs in: <c>clicknback_api</c>, or <c>clicknback_api_</c> and a name for one that is a member of it.
    /// Each of them has a password of its own, so that a new one can come into use beside the old.
    /// </summary>
    [
        Required,
        RegularExpression(
            $"^{ApiRole.Name}(_[a-z0-9]{{1,20}})?$",
            ErrorMessage = "clicknback_api, or clicknback_api_NAME"
        )
    ]
    public string ApiLogin { get; init; } = ApiRole.Name;

    /// <summary>The password of that role; at least 12 printable characters.</summary>
    [Required, MinLength(12), RegularExpression("^[ -~]*$", ErrorMessage = "printable ASCII characters"), Secret]
    public string ApiRolePassword { get; init; } = "";

    /// <summary>How long to wait for the database to answer, and for another migration worker to finish, in seconds.</summary>
    [Range(1, 3600)]
    public int WaitSeconds { get; init; } = 120;

    /// <summary>
    /// How long a migration waits for a lock before it gives up and tries again later, in seconds. What waits for a table makes
    /// everybody wait who comes after it, so this is also how long a migration can hold up the release that is serving.
    /// </summary>
    [Range(1, 20)]
    public int LockTimeoutSeconds { get; init; } = 2;
}

/// <summary>Settings of section <c>Seed</c>.</summary>
internal sealed record SeedOptions : IValidatableObject
{
    /// <summary>Whether to seed the demo: people, merchants, offers and purchases (contract D11). Refused in production.</summary>
    public bool Demo { get; init; }

    /// <summary>
    /// The password of everybody of the demo, administrators among them. Required where the demo is seeded, except in development,
    /// where the documented one holds.
    /// </summary>
    [Secret]
    public string DemoPassword { get; init; } = "";

    /// <summary>The e-mail of the administrator to make if there is none of it; empty makes none.</summary>
    public string AdminEmail { get; init; } = "";

    /// <summary>The first password of that administrator.</summary>
    [Secret]
    public string AdminPassword { get; init; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (AdminEmail.Length > 0 && !EmailAddress.TryParse(AdminEmail, out _))
        {
            yield return new ValidationResult("an e-mail address", [nameof(AdminEmail)]);
        }

        if (AdminEmail.Length > 0 && PasswordPolicy.FirstViolation(AdminPassword) is { } violation)
        {
            yield return new ValidationResult($"a password that {violation}", [nameof(AdminPassword)]);
        }

        if (
            Demo
            && validationContext.GetRequiredService<IHostEnvironment>() is var host
            && DemoError(host) is { } error
        )
        {
            yield return error;
        }
    }

    private ValidationResult? DemoError(IHostEnvironment host)
    {
        if (host.IsProduction())
        {
            return new("false in production, which is no place for a demo's administrators", [nameof(Demo)]);
        }

        if (host.IsDevelopment() && DemoPassword.Length == 0)
        {
            return null;
        }

        if (PasswordPolicy.FirstViolation(DemoPassword) is { } violation)
        {
            return new($"a password that {violation}", [nameof(DemoPassword)]);
        }

        return host.IsDevelopment() || DemoPassword != DemoPeople.Password
            ? null
            : new("another password than the documented one", [nameof(DemoPassword)]);
    }
}
