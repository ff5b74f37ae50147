/** Reading the files of the configuration: regular ones only, and no more than makes sense. */
import { readRegular } from '../base/regular-file.ts';

/** A hundred times what anybody writes by hand; a larger file is something else. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/** Rejects with `NotRegularFile`, `FileTooLarge` or the file system's error; `osErrorText` words all of them. */
export const readConfigText = async (path: string): Promise<string> =>
  (await readRegular(path, MAX_CONFIG_BYTES)).toString('utf8');
