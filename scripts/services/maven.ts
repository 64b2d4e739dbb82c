import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./tools.ts";

export interface Artifact {
  group: string;
  artifact: string;
  version: string;
  /** `group:artifact` of dependencies that are left out. */
  without?: readonly string[];
}

/** Unpacks a zip of Maven's into a folder; permissions are kept. */
export async function unpackZip({ group, artifact, version }: Artifact, into: string): Promise<void> {
  await maven([], ["dependency:unpack", `-Dartifact=${group}:${artifact}:${version}:zip`, `-DoutputDirectory=${into}`]);
}

/** Copies jars with all that they need at run time into a folder. */
export async function copyJars(artifacts: readonly Artifact[], into: string): Promise<void> {
  await maven(artifacts, ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${into}`]);
}

async function maven(dependencies: readonly Artifact[], goal: readonly string[]): Promise<void> {
  // A project of its own: without one the plugin leaves a folder called ${project.basedir} behind.
  const project = await mkdtemp(join(tmpdir(), "arachne-maven-"));
  try {
    await writeFile(join(project, "pom.xml"), pom(dependencies));
    const show = process.stderr.isTTY;
    await run("mvn", [...(show ? [] : ["-B", "-ntp"]), "-q", ...goal], { cwd: project, show });
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

function pom(dependencies: readonly Artifact[]): string {
  const element = ({ group, artifact, version, without = [] }: Artifact): string => {
    const excluded = without.map((name) => {
      const [group, artifact] = name.split(":");
      return `<exclusion><groupId>${group}</groupId><artifactId>${artifact}</artifactId></exclusion>`;
    });
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version><exclusions>${excluded.join("")}</exclusions></dependency>`;
  };
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>arachne</groupId><artifactId>services</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.map(element).join("\n")}</dependencies></project>
`;
}
