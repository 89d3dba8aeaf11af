namespace ClickNBack.MerchantSimulator;

/// <summary>Who takes part, of the people of the demo.</summary>
internal static class Demo
{
    /// <summary>Everybody's.</summary>
#pragma warning disable S2068 // written on the front page: no secret
    public const string Password = "Str0ng!Pass";
#pragma warning restore S2068

    /// <summary>The administrator who lets the merchants see what is claimed of their orders, and gives them their secrets.</summary>
    public const string Administrator = "carol";

    /// <summary>Those who buy. The last one's purchases wait for an administrator.</summary>
    public static readonly string[] Shoppers = ["alice", "bob", "dave"];
}
