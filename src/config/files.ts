/** Reads configuration files: regular ones only, up to a size limit. */
import { readBounded } from '../base/bounded-open.ts';
import { readRegular } from '../base/regular-file.ts';

/** A hundred times more than anybody writes by hand; a larger file is something else. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/** Rejects with `NotRegularFile`, `FileTooLarge` or the file system's error; `osErrorText` has a text for each. */
export const readConfigText = async (path: string): Promise<string> =>
  (await readRegular(path, MAX_CONFIG_BYTES)).toString('utf8');

/** Text of a file that the configuration names. Rejects like `readConfigText`, and with `SecretFile`. */
export const readNamedText = async (path: string, stateFolders: readonly string[]): Promise<string> =>
  (await readBounded(path, MAX_CONFIG_BYTES, { within: null, stateFolders })).toString('utf8');
