using System.ComponentModel.DataAnnotations;

namespace ClickNBack.Api.Money;

/// <summary>An amount of money: above 0, at most <see cref="Euro.Largest"/>, at most two decimals.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AmountAttribute()
    : ValidationAttribute("must be greater than 0 and at most 9999999999.99, with at most two decimals")
{
    public override bool IsValid(object? value) =>
        value is decimal and > 0 and <= Euro.Largest and var amount && amount == decimal.Round(amount, 2);
}
