using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Browser;

/// <summary>Whatever somebody has written, a page shows it as text: a browser that were told more would complain or do it.</summary>
public sealed class MarkupTests(PopulatedConsole console) : IClassFixture<PopulatedConsole>
{
    // Pages that show nothing that anybody could have written, or in fields only.
    private static readonly string[] WithoutTexts = ["report-file-new", "merchant-new", "ledger"];

    private static readonly string[] Parameters =
    [
        "action",
        "active",
        "actor",
        "after",
        "day",
        "email",
        "from",
        "merchant",
        "name",
        "reference",
        "return",
        "status",
        "target",
        "to",
        "user",
    ];

    [FactWith(Requirement.Chromium)]
    public async Task What_the_database_holds_is_text()
    {
        await using var window = await ConsolePlatform.SignedInAsync(console.Server);
        await console.Database.ExecuteAsync(Poison);
        var silent = new List<string>();
        foreach (var (name, path) in console.Pages)
        {
            await window.Page.GotoAsync(path);
            Assert.Empty(console.Server.ErrorLines);
            await window.IsWellMadeAsync();
            var text = await window.Page.Locator("main").TextContentAsync();
            if (!text!.Contains("<script>alert(1)</script>", StringComparison.Ordinal))
            {
                silent.Add(name);
            }
        }

        Assert.Equal(WithoutTexts, silent);
    }

    [FactWith(Requirement.Chromium)]
    public async Task What_an_address_says_is_text()
    {
        await using var window = await ConsolePlatform.SignedInAsync(console.Server);
        var hostile = Uri.EscapeDataString(Hostile.Text);
        var query = string.Join('&', Parameters.Select(it => $"{it}={hostile}"));
        foreach (var path in console.Pages.Select(it => it.Path.Split('?')[0]).Distinct(StringComparer.Ordinal))
        {
            await LookAsync($"{path}?{query}");
            await LookAsync($"{path}/{hostile}");
        }

        await window.Context.ClearCookiesAsync();
        await LookAsync($"/console/sign-in?{query}");

        async Task LookAsync(string path)
        {
            var answer = await window.Page.GotoAsync(path);
            Assert.InRange(answer!.Status, 200, 499);
            Assert.StartsWith("text/html", answer.Headers["content-type"], StringComparison.Ordinal);
            await window.IsWellMadeAsync();
        }
    }

    // Into every column of every table that takes text, past the triggers: what a check or a key refuses, nobody can have written.
    // In JSON, before every string.
    private static readonly string Poison = $"""
        SET session_replication_role = replica;
        DO $poison$
        DECLARE
            hostile text := $hostile${Hostile.Text}$hostile$;
            it record;
        BEGIN
            FOR it IN
                SELECT table_name, column_name, data_type, coalesce(character_maximum_length, 1000) AS most
                FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
                WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
                    AND data_type IN ('text', 'character varying', 'jsonb')
                    AND table_name NOT IN ('data_protection_keys', 'money_checks')
            LOOP
                BEGIN
                    EXECUTE format(CASE it.data_type
                        WHEN 'jsonb' THEN 'UPDATE %1$I SET %2$I = replace(%2$I::text, ''": "'', ''": "'' || %4$L)::jsonb'
                        ELSE 'UPDATE %1$I SET %2$I = left(%3$L, %5$s - length(ctid::text)) || ctid WHERE %2$I IS NOT NULL'
                        END, it.table_name, it.column_name, hostile, trim('"' FROM to_jsonb(hostile)::text), it.most);
                EXCEPTION WHEN check_violation OR unique_violation OR string_data_right_truncation THEN
                    NULL;
                END;
            END LOOP;
        END $poison$;
        """;
}
