using Microsoft.AspNetCore.Http.Metadata;

namespace ClickNBack.Api.Http;

/// <summary>How much of a request is read.</summary>
internal static class RequestLimits
{
    public const int MaxBodyBytes = 64 * 1024;
}

/// <summary>Another limit for the bodies of one route.</summary>
/// <param name="MaxRequestBodySize">In bytes.</param>
internal sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
