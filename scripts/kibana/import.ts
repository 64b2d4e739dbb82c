/**
 * `npm run kibana:import`: gives Kibana the data views, panels and dashboard for the aliases under ES_INDEX. docs/kibana.md
 */
import { Command, CommanderError } from "commander";
import { openProject } from "../../src/app/project.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import { ArachneError, describeError } from "../../src/core/errors.ts";
import { dashboardId, savedObjects } from "./dashboard.ts";
import { importObjects } from "./kibana.ts";

async function main(): Promise<void> {
  const project = await openProject(process.cwd());
  const { settings } = resolveSettings({ root: project.root, project: project.settings, env: process.env });
  const { ES_INDEX: index, KIBANA_URL: url } = settings;
  const count = await importObjects(savedObjects(index), settings);
  process.stdout.write(
    `Kibana has taken ${count} objects for ${index}: ${url.replace(/\/+$/, "")}/app/dashboards#/view/${dashboardId(index)}\n`,
  );
}

const command = new Command("npm run kibana:import")
  .description(
    "Gives Kibana (KIBANA_URL) the data views, panels and dashboard for the aliases under ES_INDEX; what it has of an earlier import is replaced.",
  )
  .addHelpText("after", "\nIt logs in as ELASTICSEARCH_API_KEY or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD say.\n")
  .addHelpText("after", "Exit codes: 0 imported, 1 Kibana cannot be reached or refuses objects, 2 wrong settings or login.")
  .allowExcessArguments(false)
  .exitOverride()
  .action(main);
try {
  await command.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`error ${describeError(error)}\n`);
    process.exitCode = error instanceof ArachneError ? error.exitCode : 1;
  }
}
