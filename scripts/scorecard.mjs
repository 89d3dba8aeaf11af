// The quality scorecard: artifacts/scorecard.json and artifacts/scorecard.html, from what the other targets left in artifacts/.
// What was not measured says so. Nothing fails here: the gates do that.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const rows = [];

/** Adds a row. `goal` is such as "≥ 80 %"; without one, or without a value, there is nothing to reach. */
function row(area, what, value, goal = "") {
  const [, sign, limit] = goal.match(/^([≥≤<>]|is) *([\d.,]+)/) ?? [];
  const measured = Number(String(value ?? "").replaceAll(",", "").match(/-?[\d.]+/)?.[0] ?? NaN);
  const aim = Number(limit?.replaceAll(",", ""));
  const reached = { "≥": measured >= aim, "≤": measured <= aim, "<": measured < aim, ">": measured > aim, is: measured === aim }[sign];
  rows.push({ area, what, value: value ?? null, goal, reached: Number.isNaN(measured) || sign === undefined ? null : reached });
}

const read = (file) => (existsSync(file) ? readFileSync(file, "utf8") : null);
const json = (file) => JSON.parse(read(file) ?? "null");
const artifacts = (end) =>
  (existsSync("artifacts") ? readdirSync("artifacts", { recursive: true }) : [])
    .filter((file) => file.endsWith(end))
    .map((file) => `artifacts/${file}`);
const attribute = (tag, name) => Number(tag.match(new RegExp(` ${name}="([^"]*)"`))?.[1]);
const sum = (numbers) => numbers.reduce((all, it) => all + it, 0);
const percent = (part, all) => `${((100 * part) / all).toFixed(1)} %`;
const run = (command, ...args) => {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
};

function tests() {
  const counters = artifacts(".trx").map((file) => read(file).match(/<Counters [^>]*>/)[0]);
  const count = (name) => (counters.length === 0 ? null : sum(counters.map((it) => attribute(it, name))));
  row("Tests", "passed", count("passed"), "> 0");
  row("Tests", "failed", count("failed"), "is 0");
  const statements = read("ClickNBack.Tests/Contract/ContractRows.cs")?.match(/^ +Row</gm)?.length;
  row("Tests", "statements of the contract with a test of their own", statements);
}

function coverage() {
  const assemblies = read("artifacts/coverage/Summary.xml")?.match(/<Assembly [^>]*>/g) ?? [];
  const lines = (tags) =>
    tags.length === 0 ? null : percent(sum(tags.map((it) => attribute(it, "coveredlines"))), sum(tags.map((it) => attribute(it, "coverablelines"))));
  row("Coverage", "lines", lines(assemblies), "≥ 90 %");
  for (const it of assemblies) {
    row("Coverage", it.match(/ name="([^"]*)"/)[1], lines([it]));
  }
}

function mutation() {
  const reports = artifacts("mutation-report.json").map(json);
  const mutants = reports.flatMap((it) => Object.values(it.files)).flatMap((it) => it.mutants.map(({ status }) => status));
  const killed = mutants.filter((it) => it === "Killed" || it === "Timeout").length;
  const all = killed + mutants.filter((it) => it === "Survived" || it === "NoCoverage").length;
  row("Mutation", "mutants that a test notices", all === 0 ? null : percent(killed, all), "≥ 85 %");
}

function findings() {
  const duplication = json("artifacts/duplication/jscpd-report.json")?.statistics.total;
  row("Code", "lines written twice", duplication && `${duplication.percentage.toFixed(2)} %`, "≤ 3 %");
  for (const [, what, state, text] of read("artifacts/security.txt")?.matchAll(/^security (\w+) +(ok|FAILED|-) *(.*)$/gm) ?? []) {
    row("Security", what, state === "-" ? text.toLowerCase() : `${state === "ok" ? 0 : 1} findings${text && state === "ok" ? ` (${text})` : ""}`, "is 0");
  }
}

function packages() {
  const answer = run("dotnet", "package", "list", "--outdated", "--format", "json", "--no-restore");
  const frameworks = JSON.parse(answer ?? "null")?.projects.flatMap((it) => it.frameworks ?? []);
  const outdated = new Map(
    frameworks?.flatMap((it) => it.topLevelPackages).filter((it) => /^\d/.test(it.latestVersion)).map((it) => [it.id, it]),
  );
  const behind = [...outdated.values()].map((it) => `${it.id} ${it.resolvedVersion} → ${it.latestVersion}`);
  row("Packages", "behind the newest version", frameworks && `${outdated.size}${outdated.size ? `: ${behind.join(", ")}` : ""}`);
}

function images() {
  for (const line of read("artifacts/images.txt")?.trim().split("\n") ?? [null]) {
    const [name, , size] = line?.split(/ {2}/) ?? ["images"];
    row("Images", name, size, "≤ 150 MB");
  }
}

/** The tables of a Markdown text. */
function tables(markdown) {
  return ((markdown ?? "").match(/(^\|.*\n)+/gm) ?? []).map((table) => {
    const [header, , ...rows] = table.trim().split("\n").map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((it) => it.replaceAll("**", "").trim()));
    return { header, rows };
  });
}

function rehearsal() {
  const scenarios = tables(read("artifacts/rehearsal.md"))[0]?.rows;
  row("Rehearsal", "scenarios", scenarios?.length);
  row("Rehearsal", "scenarios that did not end well", scenarios?.filter((it) => it[1] !== "ok").length, "is 0");
  row("Rehearsal", "requests under load that failed", scenarios && `${sum(scenarios.map((it) => Number(it[3])))} of ${sum(scenarios.map((it) => Number(it[2])))}`);
}

function benchmark() {
  for (const [what, measured, goal, reached] of tables(read("docs/benchmarks.md")).find((it) => it.header.includes("reached"))?.rows ?? []) {
    row("Benchmark (docs/benchmarks.md)", what, measured, goal);
    rows.at(-1).reached = goal ? reached.startsWith("yes") : null;
  }
}

const page = ({ commit, version, time }) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Scorecard ${version}</title>
<style>
  :root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
  body { max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-weight: 600; margin-bottom: 0; }
  p { color: GrayText; margin-top: .25rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid color-mix(in srgb, GrayText 30%, transparent); }
  th[scope=rowgroup] { padding-top: 1.4rem; font-size: 1.1rem; }
  td:first-child { width: 30%; }
  td:nth-child(n + 3) { white-space: nowrap; }
  .reached { color: light-dark(#12703a, #5ecf8c); }
  .missed { color: light-dark(#b3261e, #ff8a80); font-weight: 600; }
  .unknown { color: GrayText; }
</style>
<h1>ClickNBack ${version}</h1>
<p>${commit} · ${time} · ${rows.filter((it) => it.reached).length} goals reached, ${rows.filter((it) => it.reached === false).length} missed, ${rows.filter((it) => it.value === null).length} not measured in this build</p>
<table>
${[...new Set(rows.map((it) => it.area))]
  .map(
    (area) => `<tbody>
<tr><th scope="rowgroup" colspan="4">${area}</th></tr>
${rows.filter((it) => it.area === area).map((it) => `<tr><td>${html(it.what)}</td><td>${it.value === null ? '<span class="unknown">not measured</span>' : html(it.value)}</td><td>${html(it.goal)}</td><td>${mark(it.reached)}</td></tr>`).join("\n")}
</tbody>`,
  )
  .join("\n")}
</table>
</html>
`;
const html = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const mark = (reached) => (reached === null ? "" : reached ? '<span class="reached">✓ reached</span>' : '<span class="missed">✗ missed</span>');

tests();
coverage();
mutation();
findings();
packages();
images();
rehearsal();
benchmark();

const build = {
  version: run("git", "describe", "--tags", "--always", "--dirty") ?? "unknown",
  commit: run("git", "rev-parse", "HEAD") ?? "unknown",
  time: new Date().toISOString().slice(0, 16).replace("T", " ") + " UTC",
};
mkdirSync("artifacts", { recursive: true });
writeFileSync("artifacts/scorecard.json", `${JSON.stringify({ ...build, rows }, null, 2)}\n`);
writeFileSync("artifacts/scorecard.html", page(build));
console.log(`artifacts/scorecard.html: ${rows.filter((it) => it.reached).length} goals reached, ${rows.filter((it) => it.reached === false).length} missed`);
