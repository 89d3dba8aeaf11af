using System.Numerics;

namespace ClickNBack.Tests.Properties.Model;

/// <summary>Purchases and their cashback: contract 2.5, 2.6, 3.1 to 3.4.</summary>
internal sealed partial class Reference
{
    /// <summary>3.1: the order of the checks decides which refusal is answered.</summary>
    public Expected Ingest(Account caller, Ingestion asked)
    {
        if (asked.IsMalformed)
        {
            return Malformed;
        }

        if (asked.Buyer != caller)
        {
            return Expected.Refusal(403, "FORBIDDEN");
        }

        return Once(caller, asked.Key, asked, () => Record(caller, asked));
    }

    private Expected Record(Account caller, Ingestion asked)
    {
        if (Purchases.Exists(it => it.ExternalId == asked.ExternalId))
        {
            return Expected.Refusal(409, "DUPLICATE_PURCHASE");
        }

        if (!asked.Currency.Equals("EUR", StringComparison.OrdinalIgnoreCase))
        {
            return Expected.Refusal(422, "UNSUPPORTED_CURRENCY");
        }

        if (asked.Merchant is not { Active: true } merchant)
        {
            return Expected.Refusal(422, "MERCHANT_NOT_ELIGIBLE");
        }

        var offers = Offers.Append(SharedOffer).OfType<Offer>();
        if (offers.FirstOrDefault(it => it.Merchant == merchant && it.IsInForce(Today)) is not { } offer)
        {
            return Expected.Refusal(422, "OFFER_NOT_AVAILABLE");
        }

        var left = offer.Cap - CreditedThisMonth(caller, offer);
        var purchase = new Purchase
        {
            ExternalId = asked.ExternalId,
            Buyer = caller,
            Merchant = merchant,
            Offer = offer,
            Amount = asked.Amount,
            Earned = Math.Max(0, Math.Min(CashbackOf(offer, asked.Amount), left)),
            CreatedAt = Now,
            DueAt = Now,
        };
        Purchases.Add(purchase);
        caller.Pending += purchase.Earned;
        return Expected.Created(id => purchase.Id = id, () => StatusOf(purchase));
    }

    /// <summary>3.2 and D3: what counts against an offer's cap, by month (UTC) of ingestion.</summary>
    private decimal CreditedThisMonth(Account account, Offer offer) =>
        Purchases
            .Where(it => it.Buyer == account && it.Offer == offer)
            .Where(it => (it.CreatedAt.Year, it.CreatedAt.Month) == (Now.Year, Now.Month))
            .Where(it => it.Status is "pending" or "confirmed")
            .Sum(it => it.Earned);

    /// <summary>3.2, in whole numbers: an amount of cents, a value of thousandths.</summary>
    public static decimal CashbackOf(Offer offer, decimal amount)
    {
        var cents = new BigInteger(amount * 100);
        var thousandths = new BigInteger(offer.Value * 1000);
        return offer.IsPercent ? HalfToEven(cents * thousandths, 100_000) : HalfToEven(thousandths, 10);
    }

    /// <summary>A quotient in cents, rounded half to even, as an amount.</summary>
    private static decimal HalfToEven(BigInteger numerator, BigInteger denominator)
    {
        var cents = BigInteger.DivRem(numerator, denominator, out var rest);
        var isUp = (rest * 2).CompareTo(denominator) switch
        {
            > 0 => true,
            0 => !cents.IsEven,
            < 0 => false,
        };
        return (decimal)(isUp ? cents + 1 : cents) / 100;
    }

    /// <summary>3.3: pending → confirmed, by an administrator.</summary>
    public static Expected Confirm(Account? caller, Purchase? purchase)
    {
        if (caller is not { IsAdmin: true })
        {
            return NoAdmin;
        }

        if (purchase is null)
        {
            return Unknown;
        }

        if (purchase.Status != "pending")
        {
            return Expected.Refusal(400, "PURCHASE_NOT_PENDING");
        }

        Confirm(purchase);
        return Expected.Ok(StatusOf(purchase));
    }

    /// <summary>3.3: pending or confirmed → reversed, by an administrator.</summary>
    public static Expected Reverse(Account? caller, Purchase? purchase)
    {
        if (caller is not { IsAdmin: true })
        {
            return NoAdmin;
        }

        switch (purchase?.Status)
        {
            case null:
                return Unknown;
            case "pending":
                purchase.Buyer.Pending -= purchase.Earned;
                break;
            case "confirmed":
                purchase.Buyer.GiveBack(purchase.Earned);
                break;
            default:
                return Expected.Refusal(400, "PURCHASE_ALREADY_REVERSED");
        }

        purchase.Status = "reversed";
        return Expected.Ok(StatusOf(purchase));
    }

    /// <summary>3.4: one look of the job at everything that is due; answers how much that was.</summary>
    public int Verify()
    {
        var due = Purchases.Where(it => it.Status == "pending" && it.DueAt <= Now).ToList();
        foreach (var purchase in due)
        {
            if (
                !IsOn("purchase_auto_confirm", "user", purchase.Buyer.Id)
                || !IsOn("purchase_auto_confirm", "merchant", purchase.Merchant.Id)
            )
            {
                purchase.DueAt = Now + Interval;
            }
            else if (purchase.Merchant != RejectionMerchant)
            {
                Confirm(purchase);
            }
            else if (++purchase.Failures < 3)
            {
                purchase.DueAt = Now + Interval;
            }
            else
            {
                purchase.Status = "rejected";
                purchase.Buyer.Pending -= purchase.Earned;
            }
        }

        return due.Count;
    }

    /// <summary>3.4: the job looks until there is nothing more for it to do.</summary>
    public void VerifyAll()
    {
        var now = Now;
        while (Purchases.Exists(it => it.Status == "pending"))
        {
            Now += Interval;
            Verify();
        }

        Now = now;
    }

    private static void Confirm(Purchase purchase)
    {
        purchase.Status = "confirmed";
        purchase.Buyer.Pending -= purchase.Earned;
        purchase.Buyer.Receive(purchase.Earned);
    }

    /// <summary>2.5: one purchase, for its owner.</summary>
    public Expected Get(Account caller, Purchase? purchase) =>
        purchase is null ? Unknown
        : purchase.Buyer != caller ? Expected.Refusal(403, "FORBIDDEN")
        : Expected.Ok(ForBuyer(purchase));

    /// <summary>2.5: the caller's purchases, newest first.</summary>
    public Expected ListMine(Account caller, string? status, Paging paging) =>
        paging.IsOutOfRange ? Malformed
        : !IsStatus(status) ? Expected.Refusal(422, "INVALID_PURCHASE_STATUS")
        : Page(
            Newest(Purchases, it => it.Buyer == caller && (status is null || it.Status == status)),
            paging,
            10,
            ForBuyer
        );

    /// <summary>2.5: everybody's purchases, newest first, for administrators.</summary>
    public Expected ListAll(Account? caller, Account buyer, string? status, Paging paging) =>
        caller is not { IsAdmin: true } ? NoAdmin
        : paging.IsOutOfRange ? Malformed
        : !IsStatus(status) ? Expected.Refusal(422, "INVALID_PURCHASE_STATUS")
        : Page(
            Newest(Purchases, it => it.Buyer == buyer && (status is null || it.Status == status)),
            paging,
            10,
            ForAdmin
        );

    /// <summary>2.6.</summary>
    public static Expected GetWallet(Account caller) =>
        Expected.Ok(
            new
            {
                pending_balance = Money(caller.Pending),
                available_balance = Money(caller.Available),
                paid_balance = Money(caller.Paid),
                owed_balance = Money(caller.Owed),
            }
        );

    /// <summary>2.6: the caller's cashback, newest first; the amount stays what it was.</summary>
    public Expected ListCashback(Account caller, Paging paging) =>
        Page(
            Newest(Purchases, it => it.Buyer == caller),
            paging,
            10,
            it => new
            {
                id = Expected.Anything,
                type = "cashback_credit",
                amount = Money(it.Earned),
                status = it.CashbackStatus,
                related_purchase_id = it.Id,
            }
        );

    private static bool IsStatus(string? text) => text is null or "pending" or "confirmed" or "rejected" or "reversed";

    private static IEnumerable<T> Newest<T>(List<T> things, Func<T, bool> wanted) =>
        things.AsEnumerable().Reverse().Where(wanted);

    private static object StatusOf(Purchase purchase) =>
        new
        {
            id = purchase.Id,
            status = purchase.Status,
            cashback_amount = Money(purchase.Cashback),
        };

    private object ForBuyer(Purchase purchase) =>
        new
        {
            id = purchase.Id,
            merchant_name = purchase.Merchant.Name,
            amount = Money(purchase.Amount),
            status = purchase.Status,
            cashback_amount = Money(purchase.Cashback),
            cashback_status = purchase.CashbackStatus,
            created_at = Seconds(purchase.CreatedAt),
        };

    private object ForAdmin(Purchase purchase) =>
        new
        {
            id = purchase.Id,
            external_id = purchase.ExternalId,
            user_id = purchase.Buyer.Id,
            merchant_id = purchase.Merchant.Id,
            offer_id = purchase.Offer.Id,
            amount = Money(purchase.Amount),
            currency = "EUR",
            status = purchase.Status,
            created_at = Seconds(purchase.CreatedAt),
        };
}

/// <summary>A request to record a purchase.</summary>
internal sealed record Ingestion(
    Account Buyer,
    Merchant? Merchant,
    string ExternalId,
    decimal Amount,
    bool AmountAsText,
    string Currency,
    string? Key,
    bool IsMalformed
);
