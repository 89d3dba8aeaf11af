namespace ClickNBack.Api.Auth;

/// <summary>A pair of tokens, as login and refresh answer it.</summary>
/// <param name="AccessToken">For the <c>Authorization</c> header.</param>
/// <param name="RefreshToken">Good for one refresh.</param>
/// <param name="TokenType">Always <c>bearer</c>.</param>
internal sealed record IssuedTokens(string AccessToken, string RefreshToken, string TokenType = "bearer");
