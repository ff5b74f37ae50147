/**
 * Ends what a server leaves running, also when it was killed and could do nothing itself.
 *
 * In: process groups, as they start and end. A small shell holds the other end of a pipe and is told of each; the pipe ends with
 * the server, whatever ends that, and then the shell ends the groups that are left, and what they have started as long as its
 * parent is still there. A group is known by its number and by when its first process was started: numbers are given out again.
 *
 * Who leaves both its group and its parents (`tmux`, `docker`, a daemon) is not found: it was meant to outlive them. Inside a
 * sandbox with process numbers of its own nothing does.
 */
import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { startProgram } from '../base/own-programs.ts';
import { startOf } from '../base/process-start.ts';

/** Stands for a start that is not known. */
const UNKNOWN = '-';

/**
 * Lines `? pipe`, `+ group start pipe` and `- group` until the server is gone. The groups are stopped before they are looked at, so that nothing
 * of them starts or changes meanwhile; children of children come with the next round. Fields of `stat` are counted behind the
 * name, which may hold anything: state, parent, group, and the start as the twentieth.
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
   * A group is about to start, and this process may be killed before it can say which: it is found by the pipe that is its
   * standard output.
   */
  expect(pipe: string | null): void {
    this.#shell ??= startShell();
    if (pipe !== null) this.#tell(`? ${pipe}`);
  }

  /** `start`: of the process that leads the group. */
  started(groupId: number, pipe: string | null, start = startOf(groupId)): void {
    this.#shell ??= startShell();
    this.#tell(`+ ${groupId} ${start ?? UNKNOWN} ${pipe ?? ''}`);
  }

  ended(groupId: number): void {
    this.#tell(`- ${groupId}`);
  }

  /** Ends what is left, as the death of the server would. */
  [Symbol.dispose](): void {
    this.#shell?.stdin?.end();
    this.#shell = null;
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`);
  }
}

function startShell(): ChildProcess {
  const shell = startProgram('/bin/sh', ['-c', WARDEN, 'sh'], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    detached: true, // what ends the server's group must not end it as well
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without it groups are ended by the server as long as it can.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return shell;
}
