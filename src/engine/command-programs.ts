/** Where the programs of a command come from, by the PATH that it will have and the folders that commands may write to. */
import { isInSystemFolder, isInUnwritable, isOutOf, isPath, lookUp } from '../base/program-places.ts';
import type { ProgramPlaces } from './command-judgement.ts';

export interface ProgramPlacesOptions {
  /** PATH and HOME of the command. */
  readonly path: string | undefined;
  readonly home: string | undefined;
  /** Writable for commands of the turn. */
  readonly roots: readonly string[];
}

export function programPlaces({ path, home, roots }: ProgramPlacesOptions): ProgramPlaces {
  const isAllWritable = roots.includes('/');
  const isApart = isAllWritable ? isInUnwritable : isOutOf(roots);
  return {
    isHomeOutOfReach: home !== undefined && !isAllWritable && isApart(home),
    isSystem(program) {
      if (isPath(program)) return isInSystemFolder(program);
      const found = lookUp(program, path);
      return found.kind === 'found' && isInSystemFolder(found.path);
    },
    isOutOfReach(program) {
      // A rule that names a path means that path; a name that is nowhere on PATH is the shell's own.
      if (isPath(program)) return true;
      const found = lookUp(program, path);
      return found.kind === 'none' || (found.kind === 'found' && isApart(found.path));
    },
  };
}
