using System.Diagnostics.Metrics;

namespace ClickNBack.Api.Auth;

/// <summary>How attempts to log in end, as a metric of the meter <c>ClickNBack.Auth</c>: who guesses passwords is seen by it.</summary>
internal sealed class LoginMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _logins = meters
        .Create("ClickNBack.Auth")
        .CreateCounter<long>("clicknback.logins", "{login}", "Attempts to log in, by how they ended.");

    public void Succeeded() => Count("success");

    /// <summary>Wrong password, or no such account.</summary>
    public void Failed() => Count("failure");

    /// <summary>Too many attempts, at one account or from one address.</summary>
    public void Limited() => Count("limited");

    private void Count(string outcome) => _logins.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
