using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace ClickNBack.Api.Http;

/// <summary>Settings of section <c>Cors</c>: which web pages may call the API from a browser.</summary>
internal sealed record CorsSettings : IValidatableObject
{
    /// <summary>Origins, each as <c>https://host[:port]</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = ["https://clicknback.com"];

    /// <summary>A regular expression that a whole origin must match; for development. Empty: none.</summary>
    public string AllowedOriginPattern { get; init; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (
            AllowedOrigins.Any(it =>
                !Uri.TryCreate(it, UriKind.Absolute, out var origin) || origin.GetLeftPart(UriPartial.Authority) != it
            )
        )
        {
            yield return new ValidationResult("origins as https://host[:port], never *", [nameof(AllowedOrigins)]);
        }

        if (!IsPattern(AllowedOriginPattern))
        {
            yield return new ValidationResult("a regular expression", [nameof(AllowedOriginPattern)]);
        }
    }

    internal bool Allows(string origin) =>
        AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
        || (
            AllowedOriginPattern.Length > 0
            && Regex.IsMatch(
                origin,
                $@"\A(?:{AllowedOriginPattern})\z",
                RegexOptions.None,
                TimeSpan.FromMilliseconds(100)
            )
        );

    private static bool IsPattern(string pattern)
    {
        try
        {
            _ = Regex.IsMatch("", pattern, RegexOptions.None, TimeSpan.FromMilliseconds(100));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

/// <summary>Cross-origin requests (contract, section 1).</summary>
internal static class Cors
{
    private static readonly TimeSpan PreflightLifetime = TimeSpan.FromMinutes(10);

    /// <summary>Allows the configured origins everything, with credentials, and all others nothing.</summary>
    public static void AddOriginPolicy(this IServiceCollection services)
    {
        services.AddCors();
        services
            .AddOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>()
            .Configure<CorsSettings>(
                (cors, settings) =>
                    cors.AddDefaultPolicy(policy =>
                        policy
                            .SetIsOriginAllowed(settings.Allows)
                            .AllowAnyHeader()
                            .AllowAnyMethod()
                            .AllowCredentials()
                            .SetPreflightMaxAge(PreflightLifetime)
                    )
            );
    }
}
