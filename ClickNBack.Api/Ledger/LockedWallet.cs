using ClickNBack.Api.Wallets;

namespace ClickNBack.Api.Ledger;

/// <summary>
/// A wallet whose row this transaction has locked, with the balances as they will be once the transaction commits. Money
/// of a user moves only through one.
/// </summary>
public sealed class LockedWallet
{
    internal LockedWallet(Wallet wallet)
    {
        UserId = wallet.UserId;
        Pending = wallet.PendingBalance;
        Available = wallet.AvailableBalance;
        Owed = wallet.OwedBalance;
    }

    /// <summary>Whose it is.</summary>
    public Guid UserId { get; }

    /// <summary>Cashback of purchases that are not verified yet, EUR.</summary>
    public decimal Pending { get; private set; }

    /// <summary>What can be withdrawn, EUR.</summary>
    public decimal Available { get; private set; }

    /// <summary>What is owed, EUR.</summary>
    public decimal Owed { get; private set; }

    internal void Apply(Account account, decimal amount)
    {
        switch (account)
        {
            case Account.UserPending:
                Pending += amount;
                break;
            case Account.UserAvailable:
                Available += amount;
                break;
            case Account.UserDebt:
                Owed -= amount;
                break;
        }
    }
}
