/**
 * Ends what a server leaves running, even if the server was killed.
 *
 * In: process groups, as they start and end. A small shell reads them from a pipe. The pipe ends with the server,
 * however that ends. Then the shell kills the remaining groups, and their children as long as the parent still
 * exists. A group is identified by its number and the start time of its first process, because numbers are reused.
 *
 * A process that leaves both its group and its parents (`tmux`, `docker`, a daemon) is not found: it is meant to
 * outlive them. No process can do that inside a sandbox with a PID namespace.
 */
import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { startProgram } from '../base/own-programs.ts';
import { supports } from '../base/platform.ts';
import { startOf } from '../base/process-start.ts';

/** Placeholder for an unknown start time. */
const UNKNOWN = '-';

/**
 * Reads lines `? pipe`, `+ group start pipe` and `- group` until the server is gone. Stops the groups before it
 * inspects them, so that they start or change nothing in the meantime; grandchildren are found in the next round.
 * Counts the fields of `stat` after the program name, which may contain anything: state, parent, group, and the start
 * time as the twentieth.
 */
const WARDEN = `
groups=' '
pipes=' '
while IFS=' ' read -r sign id start pipe; do
  case $pipes in *" \${pipe:-none} "*)
    head=\${pipes%%" $pipe "*}
    rest=\${pipes#*" $pipe "}
    pipes="$head $rest" ;;
  esac
  [ "$sign" = '?' ] && pipes="$pipes$id " && continue
  case $groups in *" $id:"*)
    head=\${groups%%" $id:"*}
    rest=\${groups#*" $id:"}
    groups="$head \${rest#* }" ;;
  esac
  [ "$sign" = + ] && groups="$groups$id:$start "
done
[ "$pipes" = ' ' ] || while IFS= read -r line; do
  case $pipes in *" \${line##*-> } "*) ;; *) continue ;; esac
  line=\${line#*/proc/}
  read -r stat </proc/\${line%%/*}/stat || continue
  set -- \${stat##*) }
  groups="$groups$3:${UNKNOWN} "
done <<END 2>/dev/null
$(ls -l /proc/[0-9]*/fd/[12] 2>/dev/null)
END
family=' '
for group in $groups; do
  id=\${group%%:*}
  if read -r stat 2>/dev/null </proc/$id/stat; then
    set -- \${stat##*) }
    [ "\${group#*:}" = ${UNKNOWN} ] || [ "\${20}" = "\${group#*:}" ] || continue
  fi
  kill -STOP "-$id" && family="$family$id "
done
[ "$family" = ' ' ] && exit
others=
for round in 1 2 3 4 5; do
  found=
  for stat in /proc/[0-9]*/stat; do
    read -r line <"$stat" || continue
    set -- \${line##*) }
    case $family in *" $2 "*|*" $3 "*) ;; *) continue ;; esac
    pid=\${line%% *}
    case $family in *" $pid "*) continue ;; esac
    kill -STOP "$pid"
    family="$family$pid "
    others="$others $pid"
    found=1
  done
  [ -n "$found" ] || break
done 2>/dev/null
for group in $groups; do
  id=\${group%%:*}
  case $family in *" $id "*) kill -KILL "-$id" ;; esac
done
for pid in $others; do kill -KILL "$pid"; done
`;

export class GroupWarden implements Disposable {
  #shell: ChildProcess | null = null;

  /**
   * Announces that a group is about to start. This process may be killed before it can send the group's number; the
   * warden then finds the group by the pipe that is its standard output.
   */
  expect(pipe: string | null): void {
    this.#shell ??= startShell();
    if (pipe !== null) this.#send(`? ${pipe}`);
  }

  /** `start` is the start time of the process that leads the group. */
  started(groupId: number, pipe: string | null, start = startOf(groupId)): void {
    this.#shell ??= startShell();
    this.#send(`+ ${groupId} ${start ?? UNKNOWN} ${pipe ?? ''}`);
  }

  ended(groupId: number): void {
    this.#send(`- ${groupId}`);
  }

  /** Ends the remaining groups, as the death of the server would. */
  [Symbol.dispose](): void {
    this.#shell?.stdin?.end();
    this.#shell = null;
  }

  #send(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`);
  }
}

function startShell(): ChildProcess | null {
  if (!supports('orphanCleanup')) return null;
  const shell = startProgram('/bin/sh', ['-c', WARDEN, 'sh'], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    detached: true, // whatever kills the server's group must not kill the warden
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a warden the server ends groups itself as long as it can.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return shell;
}
