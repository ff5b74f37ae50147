/**
 * Abstract sockets have a name and no file, so no mount hides them and no seccomp filter sees which one a call names.
 * Linux 6.12 and later can separate them (landlock(7), scopes). Node cannot make these system calls, so a few lines
 * of Perl in front of bubblewrap do it where Perl is installed. In: nothing, or a command line. Out: the same with
 * Perl in front. No state.
 */
import { isExecutableFile } from '../base/executable.ts';
import { runProgram } from '../base/own-programs.ts';
import { supports } from '../base/platform.ts';

/** Fixed paths: anybody may own a folder on PATH. */
const PERLS = ['/usr/bin/perl', '/bin/perl', '/usr/local/bin/perl'];

/** Numbers of prctl(2) by machine; the two of landlock(7) are the same everywhere. */
const PRCTL: Readonly<Partial<Record<NodeJS.Architecture, number>>> = { x64: 157, arm64: 167 };

const PROBE_TIMEOUT_MS = 5_000;

/** Creates a ruleset that handles no files and no ports, and scopes abstract sockets (1). */
const RULES = 'my $wanted = pack "QQQ", 0, 0, 1; my $rules = syscall 444, $wanted, 24, 0;';

/** The prefix for a command line that isolates its abstract sockets; null where that is not possible. */
export async function abstractSocketGuard(): Promise<readonly string[] | null> {
  const perl = PERLS.find(isExecutableFile);
  const prctl = PRCTL[process.arch];
  if (!supports('confinement') || perl === undefined || prctl === undefined) return null;
  try {
    await runProgram(perl, ['-e', `${RULES} exit($rules < 0)`], { env: {}, cwd: '/', timeoutMs: PROBE_TIMEOUT_MS })
      .output;
  } catch {
    return null; // an older kernel
  }
  // 38: PR_SET_NO_NEW_PRIVS, without which only root may restrict itself.
  const restrict = `my $none = 0; syscall ${prctl}, 38, 1, $none, $none, $none; syscall 446, $rules, 0;`;
  return [perl, '-e', `${RULES} ${restrict} exec { $ARGV[0] } @ARGV; die "$ARGV[0]: $!\\n"`];
}
