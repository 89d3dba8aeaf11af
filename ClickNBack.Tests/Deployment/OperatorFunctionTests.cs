using System.Text.Json;
using ClickNBack.Tests.Contract;

namespace ClickNBack.Tests.Deployment;

/// <summary>Functions of <c>deploy/lib</c> that need no container engine.</summary>
public sealed class OperatorFunctionTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("clicknback-");

    public void Dispose() => _state.Delete(recursive: true);

    [Theory]
    [InlineData(29, 1, true)]
    [InlineData(29, 2, true)]
    [InlineData(29, 3, false)]
    [InlineData(1000, 10, true)]
    [InlineData(1000, 11, false)]
    [InlineData(4, 3, false)]
    public void One_or_two_errors_are_no_verdict_on_a_release(int requests, int errors, bool passes)
    {
        var verdict = Run(
            $"printf '12 {requests}\\nerrors {errors}\\n' > $STATE/tally; watch_verdict $STATE/tally > /dev/null && echo passes || :"
        );

        Assert.Equal(passes ? "passes\n" : "", verdict);
    }

    /// <summary>Requests, errors among them and p95 in ms, of the new version and of the one that serves in the same time (P8).</summary>
    [Theory]
    [InlineData("100 1 20", "400 0 20", true)]
    [InlineData("100 5 20", "400 20 20", true)] // both fail alike: a database that restarts
    [InlineData("100 7 20", "400 20 20", false)]
    [InlineData("100 5 20", "400 0 20", false)]
    [InlineData("100 5 20", "19 19 20", false)] // too few to compare with: constants hold
    [InlineData("100 0 2500", "400 0 2400", true)]
    [InlineData("100 0 3700", "400 0 2400", false)]
    [InlineData("100 0 1900", "400 0 200", false)]
    [InlineData("100 0 79", "400 0 20", true)] // nobody notices
    [InlineData("100 0 81", "400 0 20", false)]
    [InlineData("99 0 1900", "400 0 20", true)] // too few to be compared: the first requests are slow
    [InlineData("100 0 1900", "400 0 20", true, "")] // nor before the end
    [InlineData("100 0 2100", "400 0 20", false, "")]
    [InlineData("100 5 20", "400 0 20", false, "")]
    public void A_canary_is_compared_with_the_version_that_serves(
        string canary,
        string serving,
        bool passes,
        string end = "end"
    )
    {
        var verdict = Run(
            $$"""
            tally() { printf '%s %s\nerrors %s\n' "$3" "$1" "$2"; }
            tally {{canary}} > $STATE/tally
            tally {{serving}} > $STATE/tally.other
            watch_verdict $STATE/tally $STATE/tally.other {{end}} > /dev/null && echo passes || :
            """
        );

        Assert.Equal(passes ? "passes\n" : "", verdict);
    }

    [Fact]
    public void A_larger_share_of_a_canary_includes_a_smaller_one() =>
        Assert.Equal(
            "26 128 128\n",
            Run(
                """
                mkdir -p "$ROUTING/canary"
                traffic_canary 10
                first=$(find "$ROUTING/canary" -type f | wc -l)
                traffic_canary 50
                echo "$first $(find "$ROUTING/canary" -type f | wc -l) $((0x$(find "$ROUTING/canary" -printf '%f\n' | sort | tail -n 2 | head -n 1) + 1))"
                """
            )
        );

    [Theory]
    [InlineData(200, "")]
    [InlineData(400, "")]
    [InlineData(499, "")]
    [InlineData(0, "")]
    [InlineData(502, "")]
    [InlineData(500, "errors 3\n")]
    [InlineData(503, "errors 3\n")]
    [InlineData(504, "errors 3\n")]
    public void What_clients_do_to_their_uploads_is_no_error_of_a_release(int status, string errors)
    {
        var tally = Run(
            $$"""
            container_of() { echo proxy; }
            docker() { for i in 1 2 3; do echo '{"status":{{status}},"duration":0.012,"colour":"blue"}'; done; }
            watch_tally blue 0 1 "$STATE/tally"; grep errors "$STATE/tally" || :
            """
        );

        Assert.Equal(errors, tally);
    }

    [Theory]
    [InlineData("ALERT_WEBHOOK_URL", "page: webhook", "warn: webhook", "info:", "watchdog:")]
    [InlineData(
        "ALERT_SLACK_URL ALERT_WEBHOOK_URL",
        "page: webhook slack",
        "warn: webhook slack",
        "info:",
        "watchdog:"
    )]
    [InlineData("ALERT_SLACK_URL ALERT_PAGE_WEBHOOK_URL", "page: webhook", "warn: slack", "info:", "watchdog:")]
    [InlineData(
        "ALERT_WEBHOOK_URL ALERT_INFO_SLACK_URL ALERT_WATCHDOG_URL",
        "page: webhook",
        "warn: webhook",
        "info: slack",
        "watchdog: webhook"
    )]
    public void Each_severity_of_alerts_goes_where_the_settings_say(string settings, params string[] receivers)
    {
        Run(
            $"""
            for name in {settings}; do SETTINGS[$name]=https://hooks.example/$name; done
            monitoring_directories
            """
        );

        var file = Path.Combine(_state.FullName, "alerting", "alertmanager.yaml");
        string[] kinds = ["webhook", "slack"];
        Assert.Equal(
            receivers,
            Yaml.Read(file)
                .List("receivers")
                .Select(it =>
                    $"{it.Text("name")}:{string.Concat(kinds.Where(kind => it.List($"{kind}_configs").Any()).Select(kind => $" {kind}"))}"
                )
        );
        Assert.DoesNotContain("hooks.example", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ENVIRONMENT=Staging", "DEMO_PASSWORD: missing")]
    [InlineData("ENVIRONMENT=Staging DEMO_PASSWORD=all-lower-case-and-no-digit", "DEMO_PASSWORD: needs")]
    [InlineData("ENVIRONMENT=Staging DEMO_PASSWORD=Aa1_bcdefghijklmno-of-a-test", "")]
    [InlineData("ENVIRONMENT=Staging SEED_DEMO=false", "")]
    [InlineData("SEED_DEMO=true", "SEED_DEMO: never")]
    [InlineData("SEED_DEMO=false", "")]
    public void A_demo_is_seeded_with_a_password_of_its_own_and_never_in_production(
        string settings,
        string complaint
    ) =>
        Assert.Equal(
            complaint,
            Run(
                    $$"""
                    for each in {{settings}}; do SETTINGS[${each%%=*}]=${each#*=}; done
                    check_settings | sed -nE 's/^([A-Z_]*DEMO[A-Z_]*: \w+).*/\1/p'
                    """
                )
                .Trim()
        );

    /// <summary>With a <c>gh</c> that notes what it is asked: GitHub cannot be asked by a test.</summary>
    [Theory]
    [InlineData("false", "ghcr.io/us/clicknback/api@sha256:abc", "false", "")]
    [InlineData(
        "true",
        "ghcr.io/us/clicknback/api@sha256:abc",
        "true",
        "secret attestation verify oci://ghcr.io/us/clicknback/api@sha256:abc --repo us/clicknback --signer-workflow us/clicknback/.github/workflows/release.yml\n"
    )]
    [InlineData(
        "true",
        "ghcr.io/us/clicknback/api@sha256:abc",
        "false",
        "refused: ghcr.io/us/clicknback/api@sha256:abc is not attested by us/clicknback: no attestations found\n"
    )]
    [InlineData("true", "sha256:abc", "true", "refused: sha256:abc was never in a registry, so nobody attests it\n")]
    public void Nothing_is_started_that_is_not_attested(string verify, string image, string attested, string outcome) =>
        Assert.Equal(
            outcome,
            Run(
                $$"""
                SETTINGS=([VERIFY_ATTESTATION]={{verify}} [IMAGE_REGISTRY]=ghcr.io/us/clicknback [GITHUB_TOKEN]=secret)
                gh() { echo "$GH_TOKEN $*" > $STATE/asked; {{attested}} || { echo "no attestations found"; return 1; }; }
                fail() { echo "refused: $1"; exit 0; }
                image_attested '{{image}}'
                [[ ! -f $STATE/asked ]] || cat "$STATE/asked"
                """
            )
        );

    [Fact]
    public void A_clock_that_was_set_back_leaves_the_history_readable()
    {
        var line = Run(
            "history_append 1 deploy 1.0.0 '' $(($(now_ms) + 3600000)) 'pull:-3600000' 'done' ''; cat $HISTORY"
        );

        using var json = JsonDocument.Parse(line);
        Assert.Equal(0, json.RootElement.GetProperty("duration").GetDouble());
    }

    [Fact]
    public void A_clock_that_goes_back_makes_no_watch_longer() =>
        Assert.Equal(
            "over\n",
            Run(
                """
                echo 2000000000 > $STATE/clock
                date() { echo $(($(cat $STATE/clock) - 3600)) | tee $STATE/clock; }
                container_state() { echo running 0 0; }
                colour_is_ready() { :; }
                watch_tally() { printf '5 30\n' > "$4"; }
                watch_traffic blue 2
                echo over
                """
            )
        );

    /// <summary>Which images are on this machine, while no registry answers.</summary>
    [Theory]
    [InlineData("api:1 migrations:1", "restores\n")]
    [InlineData(
        "api:1",
        "restore: the image migrations:1 is not on this machine and cannot be pulled: no route to host; nothing will be migrated\nrestores\n"
    )]
    [InlineData(
        "migrations:1",
        "clicknback: the image api:1 is not on this machine and cannot be pulled: no route to host. Nothing was touched: bring it here (docker load), then repeat this\n"
    )]
    public void Without_the_apis_image_a_restore_touches_nothing(string images, string says) =>
        Assert.Equal(
            says,
            Run(
                $$"""
                say() { echo "$*"; }
                mkdir $STATE/bin
                cat > $STATE/bin/docker << 'END'
                #!/usr/bin/env bash
                [[ $1 == image ]] && [[ ' {{images}} ' == *" $3 "* ]] && exit 0
                echo 'no route to host' >&2
                exit 1
                END
                chmod +x $STATE/bin/docker
                PATH=$STATE/bin:$PATH
                printf 'ACTIVE=blue\nAPI_BLUE_IMAGE=api:1\nMIGRATIONS_IMAGE=migrations:1\n' > $VERSIONS
                (restore_images && echo restores) 2>&1 || :
                """
            )
        );

    [Theory]
    [InlineData("1 2 3 100", "1 2 3 100", "")]
    [InlineData("1 2 3 100", "1 3 4 101", "")]
    [InlineData(
        "5 6632 3 100",
        "5 6522 3 90",
        "it has 6522 of 6632 purchases\nits newest change is of 1970-01-01T00:01:30Z, 10 s before that of the one before\n"
    )]
    [InlineData("", "0 0 0 0", "it is empty\n")]
    [InlineData("1 2 3 100", "", "how much is in it is not known\n")]
    public void What_a_restore_would_lose_is_said(string before, string after, string lost) =>
        Assert.Equal(lost, Run($"echo ACTIVE=blue > $VERSIONS; contents_lost '{before}' '{after}'"));

    /// <summary>Before anything is deployed: a lost server's archive is beside the one of the empty database.</summary>
    [Theory]
    [InlineData("20260101T000000Z-22-1", "")]
    [InlineData("20260101T000000Z-11-1", "it is empty\n")]
    public void A_database_without_users_beside_the_archive_of_another_one_is_said_to_be_empty(
        string stream,
        string lost
    ) =>
        Assert.Equal(
            lost,
            Run(
                $"""
                SETTINGS[BACKUP_DIR]=$STATE/backups
                mkdir -p "$STATE/backups/wal" "$STATE/backups/base/{stream}"
                echo 20260202T000000Z-22-1 > "$STATE/backups/wal/current"
                touch "$STATE/backups/base/{stream}/20260101T000000Z_000000010000000000000002.tar.gz"
                echo ACTIVE=none > $VERSIONS
                contents_lost '0 0 0 0' '0 0 0 0'
                """
            )
        );

    [Theory]
    [InlineData(
        "0000000100000000000000FD.gz 0000000100000000000000FE.gz.gpg 0000000100000000000000FF 000000010000000100000000.partial",
        ""
    )]
    [InlineData("0000000100000000000000FE 000000010000000100000000.partial", "0000000100000000000000FF\n")]
    [InlineData("0000000100000000000000FF", "0000000100000000000000FE\n")]
    [InlineData("0000000100000000000000F0 0000000100000000000000FE", "")] // what lacks before is not needed
    public void A_segment_that_the_archive_lacks_since_its_newest_base_backup_is_found(
        string segments,
        string missing
    ) =>
        Assert.Equal(
            missing,
            Run(
                $"""
                BACKUPS=$STATE/backups
                SETTINGS[BACKUP_DIR]=$BACKUPS
                mkdir -p $BACKUPS/base/stream $BACKUPS/wal/stream
                touch $BACKUPS/base/stream/20260101T000000Z_000000010000000000000010.tar.gz
                touch $BACKUPS/base/stream/20260102T000000Z_0000000100000000000000FE.tar.gz
                for segment in {segments}; do touch $BACKUPS/wal/stream/$segment; done
                segment_missing stream
                """
            )
        );

    [Fact]
    public void A_stream_whose_folder_is_gone_has_no_newest_segment() =>
        Assert.Equal("none\n", Run("BACKUPS=$STATE; echo \"$(segment_newest stream)none\""));

    [Theory]
    [InlineData("new", "old", "old", "", "old new")] // the serving colour does not know it yet
    [InlineData("new", "old", "old", "new", "new old")]
    [InlineData("new", "old", "new", "old", "new old")]
    [InlineData("new", "", "old", "", "new ")] // the old one has leaked
    [InlineData("new", "older", "old", "", "new older")]
    public void A_colour_signs_with_what_the_one_beside_it_accepts(
        string key,
        string previous,
        string servingSigns,
        string servingAccepts,
        string kept
    ) =>
        Assert.Equal(
            kept,
            Run(
                $"""
                printf 'ACTIVE=blue\n' > $VERSIONS
                printf 'JWT_SIGNING_KEY={servingSigns}\nJWT_PREVIOUS_SIGNING_KEY={servingAccepts}\n' > $STATE/settings.blue
                SETTINGS=([JWT_SIGNING_KEY]={key} [JWT_PREVIOUS_SIGNING_KEY]={previous})
                colour_settings_keep green
                printf '%s %s' "$(colour_setting green JWT_SIGNING_KEY)" "$(colour_setting green JWT_PREVIOUS_SIGNING_KEY)"
                """
            )
        );

    [Theory]
    [InlineData(
        "old",
        "echo started; echo no such image; false",
        "api-blue keeps its database password, and it could not be set back: no such image\n"
    )]
    [InlineData("old", "true", "")]
    [InlineData("new", "false", "")] // nothing has changed
    public void A_password_that_could_not_be_set_back_is_said(string kept, string worker, string complaint) =>
        Assert.Equal(
            complaint.Length == 0 ? "" : $"clicknback: {complaint}",
            Run(
                $$"""
                SETTINGS[API_DATABASE_PASSWORD]=new
                echo API_DATABASE_PASSWORD={{kept}} > "$STATE/settings.blue"
                colour_compose() { {{worker}}; }
                password_restore blue 2>&1
                """
            )
        );

    [Fact]
    public void Files_whose_release_is_not_known_stay_as_they_are() =>
        Assert.Equal(
            "kept\n",
            Run(
                """
                CLICKNBACK_HOME=$STATE
                mkdir "$RELEASES"
                echo kept > "$STATE/file"
                (cd "$STATE" && sha256sum file > release.sums)
                release_apply "$(release_version)"
                cat "$STATE/file"
                """
            )
        );

    [Fact]
    public void Whoever_was_killed_while_files_were_replaced_leaves_that_to_the_next_command() =>
        Assert.Equal(
            "new new absent absent\n",
            Shell.Run(
                $"""
                home={_state.FullName}
                cp -r '{Committed.Root}/deploy/.' "$home"
                mkdir "$home/state"
                printf 'put lib/a\nput lib/b\nremove lib/c\n' > "$home/state/release.changes"
                echo new > "$home/lib/a"
                echo new > "$home/lib/b.next"
                echo old | tee "$home/lib/b" > "$home/lib/c"
                "$home/clicknback" help > /dev/null
                echo "$(cat "$home/lib/a" "$home/lib/b" | tr '\n' ' ')$([[ -e $home/lib/c ]] || echo absent)" \
                    "$([[ -e $home/state/release.changes ]] || echo absent)"
                """
            )
        );

    [Fact]
    public void A_command_that_fails_inside_an_assignment_is_named() =>
        Assert.Matches(
            @"^clicknback: made=\$\(.* failed at zz\.bash:1 \(exit code 3\)\nended 3\n$",
            Shell.Run(
                $$"""
                home={{_state.FullName}}
                cp -r '{{Committed.Root}}/deploy/.' "$home"
                printf '%s\n' 'command_status() { local made; made=$(printf "1\n2\n" | sed -n "q3"); say "$made"; }' > "$home/lib/zz.bash"
                "$home/clicknback" status || echo "ended $?"
                """
            )
        );

    private string Run(string script) =>
        Shell.Run(
            $$"""
            CLICKNBACK_HOME='{{Committed.Root}}/deploy' STATE='{{_state.FullName}}'
            for file in "$CLICKNBACK_HOME"/lib/*.bash; do source "$file"; done
            {{script}}
            """
        );
}
