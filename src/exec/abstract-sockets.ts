/**
 * Abstract sockets have a name and no file, so no mount hides them, and no filter sees which one a call names. Linux 6.12 and later can
 * keep a program from those of others (landlock(7), scopes). Node makes no system calls of that kind, so a few lines of Perl do,
 * in front of bubblewrap, where Perl is installed. In: nothing, or a command line. Out: the same with Perl in front. No state.
 */
import { isExecutableFile } from '../base/executable.ts';
import { runProgram } from '../base/own-programs.ts';

/** Fixed: a folder on PATH may belong to anybody. */
const PERLS = ['/usr/bin/perl', '/bin/perl', '/usr/local/bin/perl'];

/** prctl(2), by machine; the two of landlock(7) have one number everywhere. */
const PRCTL: Readonly<Partial<Record<NodeJS.Architecture, number>>> = { x64: 157, arm64: 167 };

const PROBE_TIMEOUT_MS = 5_000;

/** Makes a set of rules that handles no files and no ports, and scopes abstract sockets (1). */
const RULES = 'my $wanted = pack "QQQ", 0, 0, 1; my $rules = syscall 444, $wanted, 24, 0;';

/** What goes in front of a command line whose abstract sockets are to be its own; null where that cannot be had. */
export async function abstractSocketGuard(): Promise<readonly string[] | null> {
  const perl = PERLS.find(isExecutableFile);
  const prctl = PRCTL[process.arch];
  if (process.platform !== 'linux' || perl === undefined || prctl === undefined) return null;
  try {
    await runProgram(perl, ['-e', `${RULES} exit($rules < 0)`], { env: {}, cwd: '/', timeoutMs: PROBE_TIMEOUT_MS })
      .output;
  } catch {
    return null; // an older kernel
  }
  // 38: no new privileges, without which only root may restrict itself.
  const restrict = `my $none = 0; syscall ${prctl}, 38, 1, $none, $none, $none; syscall 446, $rules, 0;`;
  return [perl, '-e', `${RULES} ${restrict} exec { $ARGV[0] } @ARGV; die "$ARGV[0]: $!\\n"`];
}
