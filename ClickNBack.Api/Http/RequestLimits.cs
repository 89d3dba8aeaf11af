namespace ClickNBack.Api.Http;

/// <summary>How much of a request is read.</summary>
internal static class RequestLimits
{
    public const int MaxBodyBytes = 64 * 1024;
}
