using ClickNBack.Api.Http;
using ClickNBack.Api.Money;

namespace ClickNBack.Api.Accounts;

/// <summary>What can go wrong with erasing accounts.</summary>
internal static class AccountErrors
{
    public static readonly ErrorCode<(decimal Pending, decimal Available, decimal Owed, int OpenPayouts)> NotSettled =
        new(
            "ACCOUNT_NOT_SETTLED",
            ErrorKind.Conflict,
            "Cashback is pending or could be withdrawn, a payout is under way, or something is owed.",
            it =>
                (
                    "The account cannot be erased yet.",
                    new
                    {
                        PendingBalance = Euro.Text(it.Pending),
                        AvailableBalance = Euro.Text(it.Available),
                        OwedBalance = Euro.Text(it.Owed),
                        it.OpenPayouts,
                        Action = "Withdraw what is available, and try again when nothing is pending.",
                    }
                ),
            (19.05m, 15, 0, 1)
        );
}
