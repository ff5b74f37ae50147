/**
 * Abstract sockets have a name and no file, so no mount hides them, and no filter sees which one a call names. Linux 6.12 and later can
 * keep a program from those of others (landlock(7), scopes). Node makes no system calls of that kind, so a few lines of Perl do,
 * in front of bubblewrap, where Perl is installed. In: nothing, or a command line. Out: the same with Perl in front. No state.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isExecutableFile } from '../base/executable.ts';

/** Fixed: a folder on PATH may belong to anybody. */
const PERLS = ['/usr/bin/perl', '/bin/perl', '/usr/local/bin/perl'];

/** prctl(2), by machine; the two of landlock(7) have one number everywhere. */
const PRCTL: Readonly<Partial<Record<NodeJS.Architecture, number>>> = { x64: 157, arm64: 167 };

const PROBE_TIMEOUT_MS = 5_000;

/** Makes a set of rules that handles no files and no ports, and scopes abstract sockets (1). */
const RULES = 'my $wanted = pack "QQQ", 0, 0, 1; my $rules = syscall 444, $wanted, 24, 0;';

const run = promisify(execFile);

/** What goes in front of a command line whose abstract sockets are to be its own; null where that cannot be had. */
export async function abstractSocketGuard(): Promise<readonly string[] | null> {
  const perl = PERLS.find(isExecutableFile);
  const prctl = PRCTL[process.arch];
  if (process.platform !== 'linux' || perl === undefined || prctl === undefined) return null;
  try {
    await run(perl, ['-e', `${RULES} exit($rules < 0)`], { env: {}, timeout: PROBE_TIMEOUT_MS });
  } catch {
    return null; // an older kernel
  }
  // 38: no new privileges, without which only root may restrict itself.
  const restrict = `my $none = 0; syscall ${prctl}, 38, 1, $none, $none, $none; syscall 446, $rules, 0;`;
  return [perl, '-e', `${RULES} ${restrict} exec { $ARGV[0] } @ARGV; die "$ARGV[0]: $!\\n"`];
}

/** Variables that Perl obeys are set by bubblewrap, after Perl has run. */
export function aroundPerl(env: Readonly<Record<string, string>>): {
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
} {
  const isPerls = ([name]: readonly [string, string]): boolean => name.startsWith('PERL');
  const entries = Object.entries(env);
  return {
    env: Object.fromEntries(entries.filter((entry) => !isPerls(entry))),
    args: entries.filter(isPerls).flatMap(([name, value]) => ['--setenv', name, value]),
  };
}
