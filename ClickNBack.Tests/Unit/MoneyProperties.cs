using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClickNBack.Api.Http;
using ClickNBack.Api.Money;
using ClickNBack.Api.Offers;
using ClickNBack.Api.Purchases;
using FsCheck;
using FsCheck.Fluent;

namespace ClickNBack.Tests.Unit;

/// <summary>What holds for every amount of money.</summary>
public sealed class MoneyProperties
{
    /// <summary>What is written where an answer holds money.</summary>
    public sealed record Sum([property: JsonConverter(typeof(MoneyText))] decimal Amount);

    private sealed record Given
    {
        [Amount]
        public required decimal Amount { get; init; }
    }

    // From a cent to the largest, small ones and round ones often.
    private static readonly Gen<decimal> Amounts =
        from cents in Gen.OneOf(Gen.Choose(1, 100_000), Gen.Choose(1, 1_000_000).Select(it => it * 10))
        from millions in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(0, 9_989)))
        select cents / 100m + millions * 1_000_000m;

    private static readonly Gen<decimal> Percentages = Gen.OneOf(
        Gen.Elements(5, 2.5m, 12.345m, 20, 0.000001m),
        Gen.Choose(1, 20_000_000).Select(millionths => millionths / 1_000_000m)
    );

    [Fact]
    public void Cashback_is_the_nearest_cent_and_between_two_the_even_one() =>
        Holds(
            from percentage in Percentages
            from amount in Amounts
            select (percentage, amount),
            it =>
            {
                var cents = Cashback.Of(CashbackType.Percent, it.percentage, it.amount) * 100;
                var off = Math.Abs(cents - (it.amount * it.percentage)); // per cent of euros: cents
                return decimal.IsInteger(cents) && (off < 0.5m || (off == 0.5m && decimal.IsEvenInteger(cents)));
            }
        );

    [Fact]
    public void Under_a_cap_purchases_earn_what_they_do_without_it_until_the_cap_is_used_up() =>
        Holds(
            from cap in Amounts
            from raws in Gen.ArrayOf(Gen.OneOf(Amounts, Gen.Constant(0m)), 10)
            select (cap, raws),
            it =>
            {
                var (credited, without) = (0m, 0m);
                return it.raws.All(raw =>
                {
                    without += raw;
                    credited += Cashback.Capped(raw, it.cap, credited);
                    return credited == Math.Min(it.cap, without);
                });
            }
        );

    [Fact]
    public void Money_is_written_with_two_decimals_however_many_zeros_it_carries_and_reads_the_same() =>
        Holds(
            Scaled(Amounts),
            amount =>
            {
                var json = JsonSerializer.Serialize(new Sum(amount), Api.Http.Json.Options);
                return json == $$"""{"amount":"{{amount.ToString("F2", CultureInfo.InvariantCulture)}}"}"""
                    && JsonSerializer.Deserialize<Sum>(json, Api.Http.Json.Options) == new Sum(amount);
            }
        );

    [Fact]
    public void A_number_is_written_without_zeros_at_its_end_and_reads_the_same() =>
        Holds(
            Scaled(Gen.OneOf(Amounts, Percentages)),
            number =>
            {
                var json = JsonSerializer.Serialize(number, Api.Http.Json.Options);
                return JsonSerializer.Deserialize<decimal>(json, Api.Http.Json.Options) == number
                    && (!json.Contains('.', StringComparison.Ordinal) || json[^1] is not ('0' or '.'));
            }
        );

    [Fact]
    public void An_amount_is_read_exactly_if_it_is_one_of_whole_cents() =>
        Holds(
            from amount in Amounts
            from more in Gen.Frequency((1, Gen.Constant(0)), (1, Gen.Choose(1, 9)))
            from quote in Gen.Elements("", "\"")
            select (amount, more, quote),
            it =>
            {
                var text = (it.amount + it.more * 0.001m).ToString(CultureInfo.InvariantCulture);
                var body = Encoding.UTF8.GetBytes($$"""{"amount":{{it.quote}}{{text}}{{it.quote}}}""");
                var violations = new List<Violation>();
                var read = (Given)RequestBinder.ReadBody(typeof(Given), body, violations)!;
                return it.more == 0 ? violations.Count == 0 && read.Amount == it.amount : violations.Count == 1;
            }
        );

    /// <summary>The same number with some zeros at its end, as the database gives it.</summary>
    private static Gen<decimal> Scaled(Gen<decimal> numbers) =>
        from number in numbers
        from one in Gen.Elements(1m, 1.0m, 1.0000m, 1.000000m)
        select number * one;

    private static void Holds<T>(Gen<T> values, Func<T, bool> property) =>
        Prop.ForAll(Arb.From(values), property).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
}
