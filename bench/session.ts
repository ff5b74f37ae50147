/** What every bench begins with: the engines that are there, and a head for the report that says where it was measured. */
import { resolve } from 'node:path';
import { type Engine, ourEngine, REFERENCE_PACKAGE, referenceEngine } from './engines.ts';
import type { Series } from './figure.ts';
import { commitOf, ownVersion, packageVersions, readMachine } from './machine.ts';
import type { BenchArguments } from './options.ts';
import type { ReportHead } from './report.ts';

export interface Session {
  readonly engines: readonly Engine[];
  readonly head: ReportHead;
  /** The series that a run with the reference has and this one has not. */
  readonly absent: readonly Series[];
}

export interface SessionPlaces {
  /** The folder with the built `main.js`, unless the arguments name another. */
  readonly dist: string;
  /** Where packages are looked up; ends in a slash. */
  readonly project: URL;
  readonly env: NodeJS.ProcessEnv;
}

/** Throws when ours cannot be started; the reference may be absent. */
export async function openSession(args: BenchArguments, { dist, project, env }: SessionPlaces): Promise<Session> {
  const ours = await ourEngine(resolve(args.dist ?? dist, 'main.js'));
  const reference = args.reference ? await referenceEngine(env) : null;
  const engines = reference === null ? [ours] : [ours, reference];
  const head = {
    measuredAt: new Date().toISOString(),
    effort: args.effort,
    machine: readMachine(),
    version: ownVersion(project),
    commit: commitOf(args.dist ?? dist),
    packages: packageVersions(project),
    engines,
  };
  return { engines, head, absent: args.reference && reference === null ? ['reference'] : [] };
}

/** The head as lines of text. */
export function headLines({ head, engines }: Session): string[] {
  const { processor, processors, memoryGb, platform, kernel, arch, node, v8 } = head.machine;
  const versions = Object.entries(head.packages).map(([name, version]) => `${name} ${version ?? 'absent'}`);
  return [
    `measured  ${measuredLine(head)}`,
    `machine   ${processor}, ${processors} processors, ${memoryGb} GB, ${platform} ${kernel} ${arch}`,
    `node      ${node} (V8 ${v8})`,
    ...engines.map(({ id, version }) => `${id.padEnd(9)} ${version}`),
    `packages  ${versions.join(', ')}`,
  ];
}

/** When, and at which commit. */
export const measuredLine = ({ measuredAt, commit }: Pick<ReportHead, 'measuredAt' | 'commit'>): string =>
  `${measuredAt.replace('T', ' ').slice(0, 16)} UTC, commit ${commit ?? 'unknown'}`;

/** What the head is followed by when the reference is wanted and absent; nothing otherwise. */
export function absenceLines({ absent }: Session): string[] {
  return absent.length > 0
    ? [`reference absent: CODEX_REFERENCE_BIN is not set and ${REFERENCE_PACKAGE} not unpacked`]
    : [];
}
