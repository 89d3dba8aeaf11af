using System.Net.Mime;
using System.Text.Json;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Contract;

/// <summary>What each route answers when all is well: its status, its fields and their types (contract, section 2).</summary>
public sealed class ShapeTests(PopulatedPlatform platform) : IClassFixture<PopulatedPlatform>
{
    // The templates are explained at JsonShape; "page of" stands for the contract's page around the items.
    private const string Table = """
        GET /health | 200 | {"status": "alive"}
        GET /health/live | 200 | {"status": "alive"}
        GET /health/ready | 200 | {"status": "ready"}
        GET /ready | 200 | {"status": "ready"}
        GET /api/v1/health | 200 | {"status": "ready"}
        GET /openapi.json | 200 | "object"
        POST /api/v1/users | 201 | {"id": "uuid", "email": "text", "active": true, "role": "user", "created_at": "microsecond"}
        GET /api/v1/users/me | 200 | {"id": "uuid", "email": "text", "active": true, "role": "user", "created_at": "microsecond"}
        POST /api/v1/auth/login | 200 | {"access_token": "text", "refresh_token": "text", "token_type": "bearer"}
        POST /api/v1/auth/refresh | 200 | {"access_token": "text", "refresh_token": "text", "token_type": "bearer"}
        POST /api/v1/auth/logout | 204 |
        PUT /api/v1/users/me/password | 204 |
        DELETE /api/v1/users/me | 204 |
        POST /api/v1/merchants | 201 | {"id": "uuid", "name": "text", "default_cashback_percentage": "number", "active": true}
        GET /api/v1/merchants | 200 | page of {"id": "uuid", "name": "text", "default_cashback_percentage": "number", "active": "boolean"}
        PATCH /api/v1/merchants/{id}/status | 200 | {"id": "uuid", "status": "active"}
        POST /api/v1/offers | 201 | {"id": "uuid", "merchant_id": "uuid", "cashback_type": "percent", "cashback_value": "number", "start_date": "date", "end_date": "date", "monthly_cap_per_user": "number", "status": "active"}
        GET /api/v1/offers | 200 | page of {"id": "uuid", "merchant_id": "uuid", "cashback_type": "percent|fixed", "cashback_value": "number", "start_date": "date", "end_date": "date", "monthly_cap_per_user": "number", "status": "active|inactive"}
        GET /api/v1/offers/active | 200 | page of {"id": "uuid", "merchant_name": "text", "cashback_type": "percent|fixed", "cashback_value": "number", "monthly_cap": "number", "start_date": "date", "end_date": "date"}
        GET /api/v1/offers/{id} | 200 | {"id": "uuid", "merchant_name": "text", "cashback_type": "percent", "cashback_value": "number", "monthly_cap": "number", "start_date": "date", "end_date": "date", "status": "active"}
        PATCH /api/v1/offers/{id}/status | 200 | {"id": "uuid", "status": "active"}
        POST /api/v1/purchases | 201 | {"id": "uuid", "status": "pending", "cashback_amount": "money"}
        GET /api/v1/purchases | 200 | page of {"id": "uuid", "external_id": "text", "user_id": "uuid", "merchant_id": "uuid", "offer_id": "uuid", "amount": "money", "currency": "EUR", "status": "pending|confirmed|rejected|reversed", "created_at": "second"}
        GET /api/v1/purchases/{id} | 200 | {"id": "uuid", "merchant_name": "text", "amount": "money", "status": "pending", "cashback_amount": "money", "cashback_status": "pending", "created_at": "second"}
        GET /api/v1/users/me/purchases | 200 | page of {"id": "uuid", "merchant_name": "text", "amount": "money", "status": "pending|confirmed|rejected|reversed", "cashback_amount": "money", "cashback_status": "pending|available|reversed", "created_at": "second"}
        POST /api/v1/purchases/{id}/confirmation | 200 | {"id": "uuid", "status": "confirmed", "cashback_amount": "money"}
        PATCH /api/v1/purchases/{id}/reverse | 200 | {"id": "uuid", "status": "reversed", "cashback_amount": "0.00"}
        GET /api/v1/users/me/wallet | 200 | {"pending_balance": "money", "available_balance": "money", "paid_balance": "money", "owed_balance": "money"}
        GET /api/v1/users/me/wallet/transactions | 200 | page of {"id": "uuid", "type": "cashback_credit", "amount": "money", "status": "pending|available|reversed", "related_purchase_id": "uuid"}
        PUT /api/v1/feature-flags/{key} | 200 | {"id": "uuid", "key": "text", "enabled": true, "scope_type": "global", "scope_id": null, "description": "text", "created_at": "microsecond", "updated_at": "microsecond"}
        GET /api/v1/feature-flags | 200 | page of {"id": "uuid", "key": "text", "enabled": "boolean", "scope_type": "global|merchant|user", "scope_id": "uuid?", "description": "text?", "created_at": "microsecond", "updated_at": "microsecond"}
        GET /api/v1/feature-flags/{key}/evaluate | 200 | {"key": "text", "enabled": "boolean"}
        DELETE /api/v1/feature-flags/{key} | 204 |
        POST /api/v1/users/me/payouts | 201 | {"id": "uuid", "status": "requested", "amount": "money", "requested_at": "microsecond"}
        GET /api/v1/users/me/payouts | 200 | page of {"id": "uuid", "user_id": "uuid", "status": "requested|processing|completed|failed", "amount": "money", "method": "bank_transfer|card", "requested_at": "microsecond", "processed_at": "microsecond?", "external_reference": "text?"}
        GET /api/v1/admin/payouts | 200 | page of {"id": "uuid", "user_id": "uuid", "status": "requested|processing|completed|failed", "amount": "money", "method": "bank_transfer|card", "requested_at": "microsecond", "processed_at": "microsecond?", "external_reference": "text?", "held_for": "text?"}
        GET /api/v1/admin/payouts/{id}/destination | 200 | {"id": "uuid", "user_id": "uuid", "method": "bank_transfer", "details": {"iban": "text", "account_holder": "text"}}
        PATCH /api/v1/admin/payouts/{id}/process | 200 | {"id": "uuid", "status": "completed"}
        POST /api/v1/admin/payouts/{id}/release | 200 | {"id": "uuid", "status": "requested"}
        POST /api/v1/merchants/{id}/reports | 202 | {"id": "uuid", "transactions": "integer"}
        POST /api/v1/merchants/{id}/webhook-secrets | 201 | {"id": "uuid", "secret": "text", "created_at": "microsecond"}
        GET /api/v1/merchants/{id}/webhook-secrets | 200 | page of {"id": "uuid", "created_at": "microsecond", "revoked_at": "microsecond?"}
        DELETE /api/v1/merchants/{id}/webhook-secrets/{secretId} | 204 |
        POST /api/v1/merchants/{id}/report-files | 201 | {"id": "uuid", "merchant_id": "uuid", "name": "text", "rows": "integer", "wrong": "integer", "uploaded_by": "uuid", "uploaded_at": "microsecond", "read_at": "microsecond?", "confirmed_by": "uuid?", "confirmed_at": "microsecond?", "report_id": "uuid?"}
        GET /api/v1/admin/report-files | 200 | {"data": [{"id": "uuid", "merchant_id": "uuid", "name": "text", "rows": "integer", "wrong": "integer", "uploaded_by": "uuid", "uploaded_at": "microsecond", "read_at": "microsecond?", "confirmed_by": "uuid?", "confirmed_at": "microsecond?", "report_id": "uuid?"}], "next": "uuid?"}
        GET /api/v1/admin/report-files/{id} | 200 | {"file": {"id": "uuid", "merchant_id": "uuid", "name": "text", "rows": "integer", "wrong": "integer", "uploaded_by": "uuid", "uploaded_at": "microsecond", "read_at": "microsecond?", "confirmed_by": "uuid?", "confirmed_at": "microsecond?", "report_id": "uuid?"}, "rows": [{"line": "integer", "order_reference": "text", "amount": "money", "currency": "EUR", "status": "approved", "reported_at": "microsecond", "reason": "text?"}], "totals": [{"status": "approved", "currency": "EUR", "count": "integer", "amount": "money"}], "errors": [{"line": "integer", "violations": [{"field": "text", "reason": "text"}]}]}
        GET /api/v1/admin/report-files/{id}/errors | 200 | {"data": [{"line": "integer", "violations": [{"field": "text", "reason": "text"}]}], "next": "integer?"}
        POST /api/v1/admin/report-files/{id}/confirmation | 200 | {"id": "uuid", "merchant_id": "uuid", "name": "text", "rows": "integer", "wrong": "integer", "uploaded_by": "uuid", "uploaded_at": "microsecond", "read_at": "microsecond?", "confirmed_by": "uuid?", "confirmed_at": "microsecond?", "report_id": "uuid?"}
        GET /api/v1/admin/reports | 200 | {"data": [{"id": "uuid", "merchant_id": "uuid", "message_id": "text", "received_at": "microsecond", "transactions": "integer"}], "next": "uuid?"}
        GET /api/v1/admin/reports/unclaimed | 200 | {"data": [{"id": "uuid", "report_id": "uuid", "merchant_id": "uuid", "order_reference": "text", "amount": "money", "currency": "EUR", "status": "approved", "reported_at": "microsecond", "reason": "text?"}], "next": "uuid?"}
        GET /api/v1/admin/cases | 200 | page of {"id": "uuid", "kind": "amount_differs", "purchase_id": "uuid", "user_id": "uuid?", "day": "date?", "opened_at": "microsecond", "decided_at": "microsecond?", "decided_by": "uuid?", "decision": "text?", "note": "text?"}
        GET /api/v1/admin/cases/{id} | 200 | {"id": "uuid", "kind": "amount_differs", "opened_at": "microsecond", "decided_at": null, "decided_by": null, "decision": null, "note": null, "user_id": null, "day": null, "claimed": {"purchase_id": "uuid", "external_id": "text", "user_id": "uuid", "merchant_id": "uuid", "amount": "money", "currency": "EUR", "cashback_amount": "money", "status": "pending", "created_at": "microsecond"}, "other_claims": [{"user_id": "uuid", "amount": "money", "claimed_at": "microsecond"}], "reported": [{"id": "uuid", "amount": "money", "currency": "EUR", "status": "approved", "reported_at": "microsecond", "reason": "text", "state": "new|disputed"}], "excess_claims": null}
        POST /api/v1/admin/cases/{id}/decision | 200 | {"id": "uuid", "decision": "reject", "purchase_status": "rejected"}
        GET /api/v1/admin/audit-logs | 200 | page of {"id": "uuid", "occurred_at": "microsecond", "actor_type": "system|admin|user", "actor_id": "uuid?", "action": "text", "resource_type": "text", "resource_id": "uuid", "outcome": "success|failure", "details": "object?"}
        GET /api/v1/system/status | 200 | {"version": "text", "commit": "text", "uptime_seconds": "integer", "database": "text", "migration": "text", "expected_migration": "text", "verification_mode": "reports|manual|simulated", "pending_purchases": "integer", "overdue_purchases": "integer", "ledger_imbalance": "number?", "money_invariants": "object?", "money_checked_at": "microsecond?"}
        """;

    private static readonly Dictionary<string, (int Status, string Template)> Rows = Table
        .Split('\n')
        .Select(line => line.Split(" |", StringSplitOptions.TrimEntries))
        .ToDictionary(cells => cells[0], cells => (int.Parse(cells[1]), cells[2]));

    public static IEnumerable<object[]> Routes => Rows.Keys.Select(it => new object[] { it });

    [Fact]
    public void Every_route_has_a_shape() =>
        MappedRoutes.ExpectEntries(platform.Server, Rows.Keys, "the table of shapes");

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_success_has_exactly_the_contracts_fields_and_types_with_and_without_a_slash(string route)
    {
        var (status, template) = Rows[route];

        foreach (var slash in route.Contains("/api/v1/") ? new[] { "", "/" } : [""])
        {
            var request = await platform.RequestAsync(route);
            var path = request.Path.Contains('?') ? request.Path.Replace("?", $"{slash}?") : request.Path + slash;
            var answer = await (request with { Path = path }).SendAsync(await platform.CallerAsync(route));

            answer.Expect(status);
            if (template.Length == 0)
            {
                Assert.Empty(answer.Text);
                continue;
            }

            Assert.StartsWith(MediaTypeNames.Application.Json, answer.Headers["Content-Type"]);
            Assert.Empty(JsonShape.Differences(TemplateOf(template), answer.Json));
            if (ApiOperations.All.TryGetValue(route, out var operation))
            {
                Assert.Empty(ApiSchema.Problems(operation.Answers[$"{status}"].Schema, answer.Json));
            }
        }
    }

    /// <summary>Where an answer to the route differs from the contract.</summary>
    internal static IEnumerable<string> Differences(string route, JsonElement answer) =>
        JsonShape.Differences(TemplateOf(Rows[route].Template), answer);

    private static JsonElement TemplateOf(string text) =>
        JsonDocument
            .Parse(
                text.StartsWith("page of ", StringComparison.Ordinal)
                    ? $$"""
                    {
                      "data": [{{text["page of ".Length..]}}],
                      "pagination": {"offset": "integer", "limit": "integer", "total": "integer"}
                    }
                    """
                    : text
            )
            .RootElement;
}
