namespace ClickNBack.Api.Users;

/// <summary>What the API's description shows of accounts.</summary>
internal static class UserExamples
{
    public static readonly UserResponse Alice = new(
        new Guid("b7e2c1a2-4f3a-4e2b-9c1a-8d2e3f4b5c6d"),
        "alice@clicknback.com",
        Active: true,
        Role.User,
        new DateTimeOffset(2026, 11, 20, 21, 5, 23, 78, 79, TimeSpan.Zero)
    );

    public const string StrongPass = "Str0ng!Pass";

    public const string NextStrongPass = "N3wer!Pass";

    public static readonly Register.Request Register = new() { Email = Alice.Email, Password = StrongPass };

    public static readonly Guid Administrator = new("d9f4b3c2-6b5c-5d4e-7c3b-6a5e4d3c2b1a");
}
