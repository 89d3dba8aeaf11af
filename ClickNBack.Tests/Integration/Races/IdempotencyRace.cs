using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration.Races;

/// <summary>How a race for one idempotency key may end.</summary>
internal static class IdempotencyRace
{
    /// <summary>
    /// Equal requests: whoever is not told to wait gets the one answer, byte for byte, and so does who tries again.
    /// </summary>
    public static void ExpectOneEffect(Answer[] answers, Answer replay)
    {
        Assert.Equal("true", replay.Expect(201).Headers["Idempotent-Replayed"]);
        Assert.Single(answers, it => it.Status == 201 && !it.Headers.ContainsKey("Idempotent-Replayed"));
        foreach (var answer in answers)
        {
            if (answer.Status == 201)
            {
                Assert.Equal(replay.Text, answer.Text);
            }
            else
            {
                answer.Expect(409, "IDEMPOTENCY_KEY_IN_USE");
                Assert.Equal("1", answer.Headers["Retry-After"]);
            }
        }
    }

    /// <summary>Different requests: one is carried out, the others are refused.</summary>
    public static void ExpectOneEffectAndRefusals(Answer[] answers)
    {
        Assert.Single(answers, it => it.Status == 201);
        Assert.All(
            answers.Where(it => it.Status != 201),
            it =>
                Assert.True(
                    (it.Status, it.Code) is (409, "IDEMPOTENCY_KEY_IN_USE") or (422, "IDEMPOTENCY_KEY_REUSED"),
                    it.ToString()
                )
        );
    }
}
