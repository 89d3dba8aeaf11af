namespace ClickNBack.AppHost.Standalone.Dashboard;

/// <summary>The dashboard's style sheet and scripts: all there is, without any build.</summary>
internal static class DashboardAssets
{
    public const string Icon =
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%230a7f5a'/%3E%3Cpath d='M5 8.2l2.2 2.3L11.4 6' fill='none' stroke='white' stroke-width='1.8' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

    public static readonly Html Style = new(
        """

        :root {
          --text: #1c2430; --quiet: #5b6675; --back: #f5f7f9; --card: #fff; --line: #e0e5ea; --brand: #0a7f5a;
          --good: #0a6b4c; --good-back: #dcf3ea; --bad: #a61b29; --bad-back: #fde5e7;
          --warn: #854d00; --warn-back: #fdf0d5; --busy: #1c5d99; --busy-back: #e1eefa; --idle: #515b67; --idle-back: #e8ebee;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --text: #e4e9ef; --quiet: #9aa7b5; --back: #12161b; --card: #1a2027; --line: #2c353f; --brand: #4fd1a1;
            --good: #7fe0ba; --good-back: #123a2c; --bad: #ff9aa3; --bad-back: #471a20;
            --warn: #f5c469; --warn-back: #40300d; --busy: #8ec5f7; --busy-back: #16324b; --idle: #b3bdc8; --idle-back: #2a323b;
          }
        }
        * { box-sizing: border-box; }
        body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); }
        header, main { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
        header { display: flex; align-items: baseline; gap: .75rem; padding-top: 1.25rem; color: var(--quiet); }
        .brand { font-size: 1.25rem; font-weight: 650; letter-spacing: -.01em; color: var(--text); text-decoration: none; }
        .brand b { color: var(--brand); }
        a { color: var(--brand); text-underline-offset: .2em; }
        :focus-visible { outline: 2px solid var(--brand); outline-offset: 2px; border-radius: 4px; }
        h1 { display: flex; align-items: center; gap: .75rem; font-size: 1.4rem; margin: .5rem 0 1rem; }
        h2 { font-size: 1rem; margin: 0; }
        nav { margin-top: 1.25rem; color: var(--quiet); }
        .summary { display: flex; align-items: center; gap: .6rem; margin: 1.25rem 0; padding: .8rem 1rem; border-radius: 10px; font-weight: 600; }
        .dot { width: .65rem; height: .65rem; border-radius: 50%; background: currentcolor; }
        .busy .dot { animation: pulse 1s ease-in-out infinite alternate; }
        @keyframes pulse { to { opacity: .25; } }
        @media (prefers-reduced-motion: reduce) { .busy .dot { animation: none; } }
        .good { color: var(--good); background: var(--good-back); }
        .bad { color: var(--bad); background: var(--bad-back); }
        .warn { color: var(--warn); background: var(--warn-back); }
        .busy { color: var(--busy); background: var(--busy-back); }
        .idle { color: var(--idle); background: var(--idle-back); }
        .badge { display: inline-block; padding: .1rem .6rem; border-radius: 99px; font-size: .85rem; font-weight: 600; white-space: nowrap; }
        table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
        caption, .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
        th, td { padding: .7rem 1rem; text-align: left; vertical-align: middle; }
        thead th { font-size: .8rem; font-weight: 600; color: var(--quiet); }
        tbody th { font-weight: 600; }
        tbody tr > * { border-top: 1px solid var(--line); }
        table.values tr:first-child > * { border-top: 0; }
        small { display: block; font-weight: 400; color: var(--quiet); }
        .problem { color: var(--bad); margin-top: .25rem; max-width: 26rem; overflow-wrap: anywhere; }
        .actions { text-align: right; white-space: nowrap; }
        form { display: inline-block; margin-left: .4rem; }
        button { font: inherit; font-size: .88rem; padding: .3rem .75rem; color: var(--text); background: transparent; border: 1px solid var(--line); border-radius: 7px; cursor: pointer; }
        button:hover { border-color: var(--brand); color: var(--brand); }
        details { margin: 1rem 0; }
        summary { cursor: pointer; color: var(--quiet); width: fit-content; }
        details[open] > summary { margin-bottom: .6rem; }
        .values th { width: 17rem; }
        .values td, .values th { padding: .4rem 1rem; }
        code, pre { font: 13px/1.55 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
        pre { margin: 0; padding: .8rem 1rem; white-space: pre-wrap; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
        .bar { display: flex; justify-content: space-between; align-items: center; margin-bottom: .5rem; }
        #log { height: calc(100vh - 18rem); min-height: 16rem; overflow-y: auto; }
        #log:empty::before { content: "Nothing has been written yet."; color: var(--quiet); }
        .line { display: block; padding-left: 7.2rem; text-indent: -7.2rem; }
        time { color: var(--quiet); }
        @media (max-width: 46rem) {
          thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
          table, tbody, tr, th, td { display: block; }
          .values th { width: auto; padding-bottom: 0; }
          tbody tr { padding: .7rem 0; }
          tbody tr + tr { border-top: 1px solid var(--line); }
          tbody tr > * { border: 0; padding: .2rem 1rem; }
          td[data-label]::before { content: attr(data-label) ": "; color: var(--quiet); }
          .actions { text-align: left; }
          td:empty { display: none; }
          form { margin: .3rem .4rem 0 0; }
        }

        """
    );

    // Replaces the table only when it has changed, and keeps the keyboard's place in it.
    public static readonly Html RefreshScript = new(
        """

        const live = document.getElementById('live');
        let shown = '';
        setInterval(async () => {
          if (document.hidden) return;
          try {
            const answer = await fetch('/resources');
            if (!answer.ok) return;
            const html = await answer.text();
            if (html === shown) return;
            const focus = document.activeElement?.id;
            live.innerHTML = shown = html;
            if (focus) document.getElementById(focus)?.focus();
          } catch {
            live.innerHTML = shown = '<p class="summary idle"><span class="dot"></span>The run has ended</p>';
          }
        }, 1000);

        """
    );

    public static readonly Html FollowScript = new(
        """

        const log = document.getElementById('log');
        const follow = document.getElementById('follow');
        const down = () => { if (follow.checked) log.scrollTop = log.scrollHeight; };
        log.addEventListener('scroll', () => { follow.checked = log.scrollTop + log.clientHeight >= log.scrollHeight - 8; });
        follow.addEventListener('change', down);
        new EventSource(log.dataset.stream).onmessage = message => {
          log.insertAdjacentHTML('beforeend', message.data);
          while (log.childElementCount > 2000) log.firstElementChild.remove();
          down();
        };
        down();

        """
    );
}
