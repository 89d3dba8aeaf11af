namespace ClickNBack.Tests.Infrastructure;

/// <summary>Something is missing or wrong on this machine or in the settings; the message says what to do.</summary>
internal sealed class SetupException : Exception
{
    public SetupException() { }

    public SetupException(string message)
        : base(message) { }

    public SetupException(string message, Exception inner)
        : base(message, inner) { }
}
