var app = WebApplication.CreateBuilder(args).Build();
app.MapGet("/ready", () => Results.Json(new { status = "ready" }));
await app.RunAsync();
