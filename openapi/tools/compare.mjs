// Prints, as JSON, what of the second document breaks clients of the first: [{action, path, before, after}].
import { readFileSync } from "node:fs";
import { apiCompare } from "api-smart-diff";

const [before, after] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file)));
const { diffs } = apiCompare(before, after);
const breaks = diffs
  .filter(({ type }) => type === "breaking")
  // A shape breaks or not by where it is used, and there it is compared.
  .filter(({ path }) => path[0] !== "components")
  .map(({ action, path, before, after }) => ({ action, path, before, after }));
console.log(JSON.stringify(breaks));
