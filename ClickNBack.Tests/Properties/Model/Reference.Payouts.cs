using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClickNBack.Tests.Properties.Model;

/// <summary>Payouts and idempotency keys: contract 2.8 and D7.</summary>
internal sealed partial class Reference
{
    private const decimal SmallestPayout = 10;

    private readonly Dictionary<(Account, string), Kept> _kept = [];

    /// <summary>An answer that is kept for retries.</summary>
    private sealed record Kept(object Request, DateTimeOffset At)
    {
        public string Text { get; set; } = "";
    }

    /// <summary>
    /// D7: the same request under the same key within 24 hours gets the same answer, another one none. A refusal has no
    /// effect, so nothing is kept of it.
    /// </summary>
    private Expected Once(Account caller, string? key, object request, Func<Expected> decide)
    {
        if (key is null)
        {
            return decide();
        }

        if (_kept.TryGetValue((caller, key), out var kept) && Now < kept.At.AddHours(24))
        {
            return kept.Request.Equals(request)
                ? new Expected(201) { Repetition = () => kept.Text }
                : Expected.Refusal(422, "IDEMPOTENCY_KEY_REUSED");
        }

        var expected = decide();
        if (expected.Code is not null)
        {
            return expected;
        }

        var answer = _kept[(caller, key)] = new Kept(request, Now);
        return expected with
        {
            Learn = it =>
            {
                expected.Learn?.Invoke(it);
                answer.Text = it.Text;
            },
        };
    }

    /// <summary>2.8: the money leaves the available balance at once.</summary>
    public Expected Withdraw(Account caller, Withdrawal asked)
    {
        if (asked.IsMalformed)
        {
            return Malformed;
        }

        return Once(caller, asked.Key, asked, () => Withdraw(caller, asked.Amount, asked.Method));
    }

    private Expected Withdraw(Account caller, decimal amount, string method)
    {
        if (amount < SmallestPayout)
        {
            return Expected.Refusal(422, "PAYOUT_POLICY_VIOLATION");
        }

        if (amount > caller.Available)
        {
            return Expected.Refusal(409, "INSUFFICIENT_BALANCE");
        }

        caller.Available -= amount;
        var payout = new Payout
        {
            Account = caller,
            Amount = amount,
            Method = method,
            RequestedAt = Now,
        };
        Payouts.Add(payout);
        return Expected.Created(
            id => payout.Id = id,
            () =>
                new
                {
                    id = payout.Id,
                    status = "requested",
                    amount = Money(amount),
                    requested_at = Microseconds(payout.RequestedAt),
                }
        );
    }

    /// <summary>2.8: requested → (processing →) completed or failed.</summary>
    public Expected Process(Account? caller, Payout? payout, string status)
    {
        if (caller is not { IsAdmin: true })
        {
            return NoAdmin;
        }

        if (status is not ("processing" or "completed" or "failed"))
        {
            return Malformed;
        }

        if (payout is null)
        {
            return Unknown;
        }

        var isStep = (payout.Status, status) switch
        {
            ("requested", _) => true,
            ("processing", "completed" or "failed") => true,
            _ => false,
        };
        if (!isStep)
        {
            return Expected.Refusal(400, "INVALID_PAYOUT_TRANSITION");
        }

        payout.Status = status;
        payout.ProcessedAt = status == "processing" ? null : Now;
        if (status == "completed")
        {
            payout.Account.Paid += payout.Amount;
        }
        else if (status == "failed")
        {
            payout.Account.Receive(payout.Amount);
        }

        return Expected.Ok(new { id = payout.Id, status });
    }

    /// <summary>2.8: the caller's payouts, newest first.</summary>
    public Expected ListMyPayouts(Account caller, string? status, Paging paging) =>
        ListPayouts(caller, status, paging, Show);

    /// <summary>2.8: a user's payouts, for administrators.</summary>
    public Expected ListPayoutsOf(Account? caller, Account account, string? status, Paging paging) =>
        caller is not { IsAdmin: true } ? NoAdmin : ListPayouts(account, status, paging, ShowToAdministrators);

    private Expected ListPayouts(Account account, string? status, Paging paging, Func<Payout, object> show) =>
        status is not (null or "requested" or "processing" or "completed" or "failed")
            ? Malformed
            : Page(
                Newest(Payouts, it => it.Account == account && (status is null || it.Status == status)),
                paging,
                20,
                show
            );

    private object Show(Payout it) =>
        new
        {
            id = it.Id,
            user_id = it.Account.Id,
            status = it.Status,
            amount = Money(it.Amount),
            method = it.Method,
            requested_at = Microseconds(it.RequestedAt),
            processed_at = it.ProcessedAt is { } at ? Microseconds(at) : null,
            external_reference = (string?)null,
        };

    private JsonNode ShowToAdministrators(Payout it)
    {
        var shown = JsonSerializer.SerializeToNode(Show(it))!;
        shown["held_for"] = null; // nothing holds payouts here
        return shown;
    }
}

/// <summary>A request for a payout.</summary>
internal sealed record Withdrawal(decimal Amount, string Method, string? Key, bool IsMalformed);
