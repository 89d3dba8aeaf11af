namespace ClickNBack.Tests.Properties.Model;

/// <summary>Merchants and offers: contract 2.3 and 2.4.</summary>
internal sealed partial class Reference
{
    private const decimal LargestPercentage = 20;

    /// <summary>2.3.</summary>
    public Expected CreateMerchant(Account? caller, string name, decimal percentage, bool active)
    {
        if (caller is not { IsAdmin: true })
        {
            return NoAdmin;
        }

        if (string.IsNullOrWhiteSpace(name))
        {
            return Malformed;
        }

        if (percentage is < 0 or > LargestPercentage)
        {
            return Expected.Refusal(409, "VALIDATION_ERROR");
        }

        if (Merchants.Exists(it => it.Name == name))
        {
            return Expected.Refusal(409, "MERCHANT_NAME_ALREADY_EXISTS");
        }

        var merchant = new Merchant(name, percentage) { Active = active };
        Merchants.Add(merchant);
        return Expected.Created(id => merchant.Id = id, () => Shape(merchant));
    }

    /// <summary>2.3: setting what is set already changes nothing.</summary>
    public static Expected SetStatus(Account? caller, Merchant? merchant, string status)
    {
        if (caller is not { IsAdmin: true })
        {
            return NoAdmin;
        }

        if (status is not ("active" or "inactive"))
        {
            return Malformed;
        }

        if (merchant is null)
        {
            return Unknown;
        }

        merchant.Active = status == "active";
        return Expected.Ok(new { id = merchant.Id, status });
    }

    /// <summary>2.3: all merchants, by name.</summary>
    public Expected ListMerchants(Account? caller, bool? active, Paging paging) =>
        caller is not { IsAdmin: true }
            ? NoAdmin
            : Page(
                Merchants
                    .Where(it => active is null || it.Active == active)
                    .OrderBy(it => it.Name, StringComparer.Ordinal),
                paging,
                20,
                Shape
            );

    /// <summary>2.4: the order of the checks decides which refusal is answered.</summary>
    public Expected CreateOffer(Account? caller, OfferTerms asked)
    {
        if (caller is not { IsAdmin: true })
        {
            return NoAdmin;
        }

        if (
            asked.Value <= 0
            || (asked.IsPercent && asked.Value > LargestPercentage)
            || asked.Start < Today
            || asked.End < asked.Start
            || asked.Cap <= 0
        )
        {
            return Expected.Refusal(400, "VALIDATION_ERROR");
        }

        if (asked.Merchant is not { } merchant)
        {
            return Unknown;
        }

        if (!merchant.Active)
        {
            return Expected.Refusal(422, "MERCHANT_NOT_ACTIVE");
        }

        if (HasActiveOffer(merchant))
        {
            return Expected.Refusal(409, "ACTIVE_OFFER_ALREADY_EXISTS");
        }

        var offer = new Offer
        {
            Merchant = merchant,
            IsPercent = asked.IsPercent,
            Value = asked.Value,
            Start = asked.Start,
            End = asked.End,
            Cap = asked.Cap,
        };
        Offers.Add(offer);
        return Expected.Created(id => offer.Id = id, () => InLists(offer));
    }

    /// <summary>2.4: a merchant has at most one active offer, whatever its dates.</summary>
    public Expected SetStatus(Account? caller, Offer? offer, string status)
    {
        if (caller is not { IsAdmin: true })
        {
            return NoAdmin;
        }

        if (status is not ("active" or "inactive"))
        {
            return Malformed;
        }

        if (offer is null)
        {
            return Unknown;
        }

        if (status == "active" && !offer.Active && HasActiveOffer(offer.Merchant))
        {
            return Expected.Refusal(409, "ACTIVE_OFFER_ALREADY_EXISTS");
        }

        offer.Active = status == "active";
        return Expected.Ok(new { id = offer.Id, status });
    }

    /// <summary>2.4: users see an offer only while it and its merchant are active.</summary>
    public static Expected Get(Account caller, Offer? offer) =>
        offer is null ? Unknown
        : !caller.IsAdmin && !(offer.Active && offer.Merchant.Active) ? Expected.Refusal(403, "FORBIDDEN")
        : Expected.Ok(
            new
            {
                id = offer.Id,
                merchant_name = offer.Merchant.Name,
                cashback_type = TypeOf(offer),
                cashback_value = offer.Value,
                monthly_cap = offer.Cap,
                start_date = Day(offer.Start),
                end_date = Day(offer.End),
                status = Status(offer.Active),
            }
        );

    /// <summary>2.4: a merchant's offers, newest first.</summary>
    public Expected ListOffers(Merchant merchant, string? status, Paging paging) =>
        paging.IsOutOfRange ? Malformed
        : status is not (null or "active" or "inactive") ? Expected.Refusal(400, "VALIDATION_ERROR")
        : Page(
            Newest(Offers, it => it.Merchant == merchant && (status is null || Status(it.Active) == status)),
            paging,
            20,
            InLists
        );

    /// <summary>2.4: what earns cashback today, by merchant.</summary>
    public Expected ListActiveOffers(Paging paging) =>
        Page(
            Offers
                .Where(it => it.IsInForce(Today) && it.Merchant.Active)
                .OrderBy(it => it.Merchant.Name, StringComparer.Ordinal),
            paging,
            20,
            it => new
            {
                id = it.Id,
                merchant_name = it.Merchant.Name,
                cashback_type = TypeOf(it),
                cashback_value = it.Value,
                monthly_cap = it.Cap,
                start_date = Day(it.Start),
                end_date = Day(it.End),
            }
        );

    private bool HasActiveOffer(Merchant merchant) => Offers.Exists(it => it.Merchant == merchant && it.Active);

    private static string TypeOf(Offer offer) => offer.IsPercent ? "percent" : "fixed";

    private static string Status(bool active) => active ? "active" : "inactive";

    private static object Shape(Merchant merchant) =>
        new
        {
            id = merchant.Id,
            name = merchant.Name,
            default_cashback_percentage = merchant.Percentage,
            active = merchant.Active,
        };

    private static object InLists(Offer offer) =>
        new
        {
            id = offer.Id,
            merchant_id = offer.Merchant.Id,
            cashback_type = TypeOf(offer),
            cashback_value = offer.Value,
            start_date = Day(offer.Start),
            end_date = Day(offer.End),
            monthly_cap_per_user = offer.Cap,
            status = Status(offer.Active),
        };
}

/// <summary>A request to make an offer.</summary>
internal sealed record OfferTerms(
    Merchant? Merchant,
    bool IsPercent,
    decimal Value,
    DateOnly Start,
    DateOnly End,
    decimal Cap
);
